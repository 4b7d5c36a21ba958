package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A source of models whose needs the test states; any other name needs 1 GiB. *Confined to the test's thread.*
final class TestModels implements ModelSource {
    private final Map<ModelId, MemoryNeed> needs = new LinkedHashMap<>();
    private final Map<ModelId, Boolean> gone = new LinkedHashMap<>();

    TestModels needs(String model, long bytes) {
        needs.put(new ModelId(model), new MemoryNeed(bytes, 0, 0, 0));
        return this;
    }

    TestModels needs(String model, MemoryNeed need) {
        needs.put(new ModelId(model), need);
        return this;
    }

    void remove(String model) {
        gone.put(new ModelId(model), true);
    }

    @Override
    public List<ModelId> models() {
        return List.copyOf(needs.keySet());
    }

    @Override
    public boolean has(ModelId model) {
        return !gone.containsKey(model);
    }

    @Override
    public Optional<ModelId> resolve(String name) {
        return ModelId.isValid(name) ? Optional.of(new ModelId(name)).filter(this::has) : Optional.empty();
    }

    @Override
    public MemoryNeed estimate(ModelId model) {
        if (!has(model)) {
            throw new IllegalArgumentException(model + " is gone");
        }
        return needs.getOrDefault(model, new MemoryNeed(TestSettings.GIB, 0, 0, 0));
    }
}
