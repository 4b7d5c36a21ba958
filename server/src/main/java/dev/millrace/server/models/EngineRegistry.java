package dev.millrace.server.models;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The models of one server and their state. *Thread-safe.* It never closes an engine by itself, except in
/// [#close].
public final class EngineRegistry implements AutoCloseable {
    private final List<ModelId> names;
    private final Map<String, ModelState> states = new ConcurrentHashMap<>();

    /// @param names all models, the default one first; each starts as loading
    public EngineRegistry(List<ModelId> names) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("models: none (expected: at least one)");
        }
        this.names = List.copyOf(names);
        names.forEach(name -> states.put(name.value(), ModelState.Loading.START));
    }

    /// All models, the default one first.
    public List<ModelId> names() {
        return names;
    }

    /// The state of a model; `null` if there is none of this name.
    public @Nullable ModelState find(String name) {
        return states.get(name);
    }

    /// Sets the state of a known model.
    public void set(ModelId name, ModelState state) {
        if (states.replace(name.value(), state) == null) {
            throw new IllegalArgumentException("no such model: " + name);
        }
    }

    /// True if the first request, which names the default model, would be answered.
    public boolean isReady() {
        return states.get(names.getFirst().value()) instanceof ModelState.Ready;
    }

    /// The engines that are ready.
    public List<Engine> engines() {
        var engines = new ArrayList<Engine>();
        for (ModelId name : names) {
            if (states.get(name.value()) instanceof ModelState.Ready(Engine engine)) {
                engines.add(engine);
            }
        }
        return engines;
    }

    /// Closes every engine; what runs on them ends.
    @Override
    public void close() {
        engines().forEach(Engine::close);
    }
}
