package dev.millrace.cli.engines;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.CatalogueEntry;
import dev.millrace.models.lifecycle.MemoryNeed;
import dev.millrace.models.lifecycle.ModelSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The models of this machine as a server offers them: the one it was started with, then the catalogue's.
/// *Thread-safe.*
///
/// Requests are answered from a picture of the catalogue that [#refresh] takes again and again on a thread of its
/// own, so that no event loop waits for a disk.
final class MachineModels implements ModelSource {
    private final ModelFile first;
    private final Catalogue catalogue;
    private final MemoryNeeds needs;
    private final Map<ModelId, MemoryNeed> known = new ConcurrentHashMap<>();
    private final Set<ModelId> withheld = ConcurrentHashMap.newKeySet();
    private volatile Picture picture;

    /// @param first the model that the server was started with
    MachineModels(ModelFile first, Catalogue catalogue, MemoryNeeds needs) {
        this.first = first;
        this.catalogue = catalogue;
        this.needs = needs;
        this.picture = take();
    }

    /// What there is at a moment. *Immutable.*
    private record Picture(Map<ModelId, Path> files, Map<String, ModelId> names) {}

    /// Looks at the catalogue again.
    synchronized void refresh() {
        Picture now = take();
        picture = now;
        now.files().forEach((model, file) -> known.computeIfAbsent(model, _ -> needs.of(file)));
    }

    /// True for the model that the server was started with.
    boolean isFirst(ModelId model) {
        return first.id().equals(model);
    }

    /// Offers a model no longer, or again.
    void withhold(ModelId model, boolean withhold) {
        boolean news = withhold ? withheld.add(model) : withheld.remove(model);
        if (news) {
            refresh();
        }
    }

    private Picture take() {
        Map<ModelId, Path> files = new LinkedHashMap<>();
        Map<String, ModelId> names = new LinkedHashMap<>();
        files.put(first.id(), first.file());
        names.put(first.id().value(), first.id());
        for (CatalogueEntry entry : catalogue.entries()) {
            if (entry.isUsable() && !entry.files().isEmpty() && !withheld.contains(entry.id())) {
                files.putIfAbsent(entry.id(), entry.files().getFirst().path());
                names.putIfAbsent(entry.id().value(), entry.id());
                entry.aliases().forEach(alias -> names.putIfAbsent(alias, entry.id()));
            }
        }
        return new Picture(Map.copyOf(files), names.isEmpty() ? Map.of() : new LinkedHashMap<>(names));
    }

    @Override
    public List<ModelId> models() {
        List<ModelId> models = new ArrayList<>(picture.names().values());
        return models.stream().distinct().toList();
    }

    @Override
    public boolean has(ModelId model) {
        return picture.files().containsKey(model);
    }

    @Override
    public Optional<ModelId> resolve(String name) {
        return Optional.ofNullable(picture.names().get(name));
    }

    @Override
    public MemoryNeed estimate(ModelId model) {
        Path file = file(model);
        return file == null ? new MemoryNeed(0, 0, 0, 0) : known.computeIfAbsent(model, _ -> needs.of(file));
    }

    /// The first file of a model; `null` if there is none.
    @Nullable
    Path file(ModelId model) {
        return picture.files().get(model);
    }
}
