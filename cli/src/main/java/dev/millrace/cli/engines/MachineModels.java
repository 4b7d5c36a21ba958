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
import java.util.OptionalLong;
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
    private final MeasuredMemory measured;
    private final Map<ModelId, Need> known = new ConcurrentHashMap<>();
    private final Set<ModelId> withheld = ConcurrentHashMap.newKeySet();
    private volatile Picture picture;

    /// @param first the model that the server was started with
    /// @param measured what models took before
    MachineModels(ModelFile first, Catalogue catalogue, MemoryNeeds needs, MeasuredMemory measured) {
        this.first = first;
        this.catalogue = catalogue;
        this.needs = needs;
        this.measured = measured;
        this.picture = take();
    }

    /// What there is at a moment. *Immutable.*
    ///
    /// @param identities what each is by its content
    private record Picture(Map<ModelId, Path> files, Map<String, ModelId> names, Map<ModelId, String> identities) {}

    /// What a file was estimated to take, and by what its measurements are known. *Immutable.*
    private record Need(MemoryNeed estimated, String key) {}

    /// Looks at the catalogue again.
    synchronized void refresh() {
        Picture now = take();
        picture = now;
        now.files().forEach((model, file) -> known.computeIfAbsent(model, _ -> need(file)));
    }

    private Need need(Path file) {
        return new Need(needs.of(file), needs.key(file));
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
        Map<ModelId, String> identities = new LinkedHashMap<>();
        files.put(first.id(), first.file());
        names.put(first.id().value(), first.id());
        identities.put(first.id(), FileIdentity.of(first.file()));
        for (CatalogueEntry entry : catalogue.entries()) {
            if (entry.isUsable() && !entry.files().isEmpty() && !withheld.contains(entry.id())) {
                files.putIfAbsent(entry.id(), entry.files().getFirst().path());
                names.putIfAbsent(entry.id().value(), entry.id());
                identities.putIfAbsent(entry.id(), FileIdentity.of(entry));
                entry.aliases().forEach(alias -> names.putIfAbsent(alias, entry.id()));
            }
        }
        return new Picture(
                Map.copyOf(files), names.isEmpty() ? Map.of() : new LinkedHashMap<>(names), Map.copyOf(identities));
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
    public String identity(ModelId model) {
        return picture.identities().getOrDefault(model, model.value());
    }

    /// As measured in an earlier life of the server, if it was; at least half of the estimate, for a system
    /// short of memory takes the pages of weights away.
    @Override
    public MemoryNeed estimate(ModelId model) {
        Path file = file(model);
        if (file == null) {
            return new MemoryNeed(0, 0, 0, 0);
        }
        Need need = known.computeIfAbsent(model, _ -> need(file));
        OptionalLong bytes = measured.bytes(need.key());
        return bytes.isEmpty()
                ? need.estimated()
                : need.estimated()
                        .scaledTo(Math.max(
                                bytes.getAsLong(), Math.max(1, need.estimated().total() / 2)));
    }

    /// Keeps what a load of a model was measured to take.
    void measured(Path file, long bytes) {
        measured.note(needs.key(file), bytes);
    }

    /// The first file of a model; `null` if there is none.
    @Nullable
    Path file(ModelId model) {
        return picture.files().get(model);
    }
}
