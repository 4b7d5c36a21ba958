package dev.millrace.models.catalogue;

import dev.millrace.core.id.ModelId;
import dev.millrace.gguf.InvalidGgufException;
import dev.millrace.models.catalogue.Manifest.Part;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The models of this machine: downloaded ones in a store by digest, others where they lie.
///
/// Several processes may use the same data directory: each question looks at the disk again, reading only
/// what changed, and changes are made one at a time. Each model has a manifest of its own that appears and
/// disappears in one step, after its files and before them; so a crash at any point leaves either the whole
/// model or files that nobody lists, which the next change deletes. Open one catalogue per process and
/// directory. *Thread-safe.*
public final class Catalogue {
    private final StoreLayout layout;
    private final List<Path> builtIn;
    private final InstantSource clock;
    private final NamedFiles<Manifest> manifests;
    private final NamedFiles<ModelId> aliases;
    private final EntryReader reader;
    private final StoreSweep sweep;
    private final StoreLock lock;

    private Catalogue(StoreLayout layout, List<Path> builtIn, InstantSource clock) {
        this.layout = layout;
        this.builtIn = List.copyOf(builtIn);
        this.clock = clock;
        manifests = new NamedFiles<>(layout.manifests(), ManifestJson::read);
        aliases = new NamedFiles<>(layout.aliases(), (text, _) -> ManifestJson.readAlias(text));
        reader = new EntryReader(layout);
        sweep = new StoreSweep(layout);
        lock = new StoreLock(layout.lock());
    }

    /// The catalogue of a data directory. Nothing is written before the first change.
    public static Catalogue open(Path dataDirectory, InstantSource clock) {
        return open(dataDirectory, List.of(), clock);
    }

    /// The same, with models that ship with the program.
    ///
    /// @param builtIn folders with model files
    public static Catalogue open(Path dataDirectory, List<Path> builtIn, InstantSource clock) {
        return new Catalogue(StoreLayout.under(dataDirectory), builtIn, clock);
    }

    /// All models, by name, as they are on the disk now.
    public List<CatalogueEntry> entries() {
        return listing().entries();
    }

    /// All models, and what was passed over.
    public CatalogueListing listing() {
        return collect(_ -> true);
    }

    private CatalogueListing collect(Predicate<String> wanted) {
        Map<String, CatalogueEntry> found = new TreeMap<>();
        NamedFiles.Content<Manifest> known = manifests.read();
        List<String> warnings = new ArrayList<>(known.warnings());
        known.byName().forEach((name, manifest) -> {
            if (wanted.test(name)) {
                found.put(name, reader.of(manifest));
            }
        });
        addFolder(found, layout.models(), Residence.DROPPED_IN, wanted, warnings);
        builtIn.forEach(folder -> addFolder(found, folder, Residence.BUILT_IN, wanted, warnings));
        addAliases(found, warnings);
        return new CatalogueListing(List.copyOf(found.values()), warnings);
    }

    private void addFolder(
            Map<String, CatalogueEntry> found,
            Path folder,
            Residence residence,
            Predicate<String> wanted,
            List<String> warnings) {
        for (List<Path> files : Shards.group(modelFiles(folder, warnings))) {
            ModelId name = ModelName.nearest(Shards.stem(files.getFirst()));
            CatalogueEntry taken = found.get(name.value());
            if (!wanted.test(name.value())) {
                continue;
            }
            if (taken == null) {
                found.put(name.value(), reader.of(name, files, residence));
            } else if (residence == Residence.DROPPED_IN) {
                warnings.add(files.getFirst() + ": passed over, as " + name + " is the name of "
                        + taken.files().getFirst().path());
            }
        }
    }

    private static List<Path> modelFiles(Path folder, List<String> warnings) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(folder, file -> Shards.isModelFile(file) && Files.isRegularFile(file))) {
            for (Path file : found) {
                if (files.size() < NamedFiles.MAX_FILES) {
                    files.add(file);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            warnings.add(folder + ": cannot be read: " + e);
        }
        return files;
    }

    private void addAliases(Map<String, CatalogueEntry> found, List<String> warnings) {
        NamedFiles.Content<ModelId> content = aliases.read();
        warnings.addAll(content.warnings());
        Map<String, List<String>> byModel = new TreeMap<>();
        content.byName().forEach((alias, model) -> {
            if (!found.containsKey(alias)) { // a model's own name goes before
                byModel.computeIfAbsent(model.value(), _ -> new ArrayList<>()).add(alias);
            }
        });
        byModel.forEach((model, names) -> found.computeIfPresent(model, (_, entry) -> entry.withAliases(names)));
    }

    /// The model of a name or an alias. Text that is no name at all is of no model.
    public Optional<CatalogueEntry> find(String nameOrAlias) {
        if (!ModelName.isValid(nameOrAlias)) {
            return Optional.empty();
        }
        CatalogueEntry named = known(new ModelId(nameOrAlias));
        if (named != null) {
            return Optional.of(named);
        }
        ModelId model = aliases.read().byName().get(nameOrAlias);
        return Optional.ofNullable(model == null ? null : known(model));
    }

    /// True if there is a manifest of that name that cannot be read: no model is listed, but [#remove]
    /// takes it away.
    public boolean isDamaged(ModelId name) {
        return manifestOf(name) == null && Files.exists(layout.manifest(name), LinkOption.NOFOLLOW_LINKS);
    }

    /// What may be done about a name if somebody wants it gone. A model that cannot be read is removable, too.
    public Removability removability(String nameOrAlias) {
        CatalogueEntry entry = find(nameOrAlias).orElse(null);
        if (entry == null) {
            return ModelName.isValid(nameOrAlias) && isDamaged(new ModelId(nameOrAlias))
                    ? new Removability.Removable(new ModelId(nameOrAlias))
                    : new Removability.Unknown();
        }
        if (!entry.id().value().equals(nameOrAlias)) {
            return new Removability.Alias(entry.id());
        }
        return switch (entry.residence()) {
            case BUILT_IN -> new Removability.BuiltIn(entry.id());
            case DROPPED_IN ->
                new Removability.DroppedIn(entry.id(), entry.files().getFirst().path());
            case STORED, IN_PLACE -> new Removability.Removable(entry.id());
        };
    }

    /// A file that is in the store already, so that it need not be downloaded again.
    ///
    /// @throws IllegalArgumentException if `sha256` is not 64 lower-case hex digits
    public Optional<StoredFile> blob(String sha256) {
        Path blob = layout.blob(sha256);
        try {
            FileStamp stamp = FileStamp.of(blob, LinkOption.NOFOLLOW_LINKS);
            return stamp.regular() ? Optional.of(new StoredFile(blob, stamp.sizeBytes(), sha256)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// Where files wait until they can be adopted: on the file system of the store.
    public Path partialDirectory() {
        return layout.partial();
    }

    /// Lists a model that lies somewhere, without copying it. Further files of a split are found beside the
    /// first. Referring to the same files again takes note of how they are now.
    ///
    /// @throws InvalidGgufException if a file is no sound model
    /// @throws CatalogueRefusedException if the name is another model's, or a file of the split is
    ///     missing
    public CatalogueEntry reference(ModelId name, List<Path> files, String origin) throws IOException {
        List<Path> all = files.size() == 1 ? Shards.complete(files.getFirst()) : files;
        List<StoredFile> described = new ArrayList<>();
        for (Path file : all) {
            described.add(new StoredFile(file.toAbsolutePath().normalize(), Files.size(file), ""));
        }
        return referenceDescribed(name, described, origin);
    }

    /// The same for files of which somebody says what digest they have.
    public CatalogueEntry referenceDescribed(ModelId name, List<StoredFile> files, String origin) throws IOException {
        ModelName.parse(name.value());
        List<Part> before = partsInPlace(files);
        CheckedModel model = CheckedModel.read(files);
        List<Part> parts = partsInPlace(model.files());
        if (!parts.containsAll(before)) {
            throw new CatalogueRefusedException(files.getFirst().path() + ": was changed while it was read");
        }
        return lock.holding(() -> {
            CatalogueEntry taken = known(name);
            boolean same = taken != null && paths(taken.files()).equals(paths(model.files()));
            if (taken != null && !same && taken.residence() != Residence.BUILT_IN) {
                throw new CatalogueRefusedException("the name " + name + " is taken: it is "
                        + taken.files().getFirst().path());
            }
            refuseTaken(name);
            return write(new Manifest(name, origin, clock.instant(), parts, model.summary(), model.whyNotServed()));
        });
    }

    private static List<Path> paths(List<StoredFile> files) {
        return files.stream().map(StoredFile::path).toList();
    }

    private static List<Part> partsInPlace(List<StoredFile> files) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (StoredFile file : files) {
            FileStamp stamp = FileStamp.of(file.path());
            parts.add(new Part(file.sha256(), file.path(), stamp.sizeBytes(), stamp.modifiedMillis()));
        }
        return parts;
    }

    /// Takes files into the store and lists them as one model, in place of an earlier one of that name. The
    /// files are renamed, not copied, and made read-only; they lie in [#partialDirectory()] or are blobs
    /// already.
    ///
    /// @param verified whose content is known to have the digest that is said
    /// @throws InvalidGgufException if a file is no sound model; nothing was moved then
    /// @throws CatalogueRefusedException if the name is an alias, or a file is not what is said
    public CatalogueEntry adopt(ModelId name, List<StoredFile> verified, String origin) throws IOException {
        ModelName.parse(name.value());
        for (StoredFile file : verified) {
            FileStamp stamp = FileStamp.of(file.path(), LinkOption.NOFOLLOW_LINKS);
            if (!Sha256.isHex(file.sha256()) || !stamp.regular() || stamp.sizeBytes() != file.sizeBytes()) {
                throw new CatalogueRefusedException(file.path() + ": not the file that was verified");
            }
        }
        CheckedModel model = CheckedModel.read(verified);
        List<Part> parts = model.files().stream()
                .map(file -> new Part(file.sha256(), null, file.sizeBytes(), 0))
                .toList();
        return lock.holding(() -> {
            refuseTaken(name);
            for (StoredFile file : model.files()) {
                moveIn(file);
            }
            Manifest manifest =
                    new Manifest(name, origin, clock.instant(), parts, model.summary(), model.whyNotServed());
            linkShards(manifest);
            CatalogueEntry entry = write(manifest);
            sweep.run(manifests.read());
            return entry;
        });
    }

    private void moveIn(StoredFile file) throws IOException {
        Path blob = layout.blob(file.sha256());
        if (!file.path().toAbsolutePath().normalize().equals(blob)) {
            Files.createDirectories(layout.blobs());
            // What may be there already is replaced: a damaged blob is repaired by downloading it again.
            DurableFiles.move(file.path(), blob);
        }
        if (!blob.toFile().setReadOnly()) {
            throw new IOException(blob + ": cannot be made read-only");
        }
    }

    private void linkShards(Manifest manifest) throws IOException {
        if (manifest.parts().size() > 1) {
            Path folder = layout.shardFolder(manifest.shardKey());
            StoreSweep.removeFolder(folder);
            Files.createDirectories(folder);
            for (StoredFile file : reader.files(manifest)) {
                Files.createLink(file.path(), layout.blob(file.sha256()));
            }
            DurableFiles.sync(folder);
        }
    }

    private CatalogueEntry write(Manifest manifest) throws IOException {
        DurableFiles.write(layout.manifest(manifest.name()), ManifestJson.write(manifest));
        CatalogueEntry written = known(manifest.name());
        if (written == null) {
            throw new IOException(layout.manifest(manifest.name()) + ": was written, but cannot be read");
        }
        return written;
    }

    private @Nullable Manifest manifestOf(ModelId name) {
        return manifests.read().byName().get(name.value());
    }

    private @Nullable CatalogueEntry known(ModelId name) {
        List<CatalogueEntry> found = collect(name.value()::equals).entries();
        return found.isEmpty() ? null : found.getFirst();
    }

    private void refuseTaken(ModelId name) throws IOException {
        for (CatalogueEntry entry : entries()) {
            boolean other = !entry.id().equals(name) && entry.id().value().equalsIgnoreCase(name.value());
            if (other && Files.exists(layout.manifest(name)) && manifestOf(name) == null) {
                throw new CatalogueRefusedException(
                        "the name " + name + " is too like " + entry.id() + " for this file system");
            }
        }
        ModelId model = aliases.read().byName().get(name.value());
        if (model != null) {
            throw new CatalogueRefusedException(name + " is an alias of " + model);
        }
    }

    /// Takes a model off the list, with its aliases, and deletes those of its files that are in the store
    /// and that no other model uses. Whether the model is in use must be asked before: a file that is
    /// mapped stays readable until it is let go.
    ///
    /// @throws CatalogueRefusedException if there is none, or it is not the catalogue's to remove
    public Removed remove(String name) throws IOException {
        ModelId id = ModelName.parse(name);
        return lock.holding(() -> {
            CatalogueEntry entry = known(id);
            if (entry != null && entry.residence() == Residence.BUILT_IN) {
                throw new CatalogueRefusedException(id + " is built in");
            }
            if (entry != null && entry.residence() == Residence.DROPPED_IN) {
                throw new CatalogueRefusedException(id + " was put there by hand: delete "
                        + entry.files().getFirst().path());
            }
            // A manifest that cannot be read is removed, too.
            if (!Files.deleteIfExists(layout.manifest(id))) {
                throw new CatalogueRefusedException("there is no model " + id);
            }
            DurableFiles.sync(layout.manifests());
            removeAliasesOf(id);
            long freed = sweep.run(manifests.read());
            List<Path> kept = entry == null || entry.residence() == Residence.STORED ? List.of() : paths(entry.files());
            return new Removed(id, freed, kept);
        });
    }

    private void removeAliasesOf(ModelId id) throws IOException {
        for (Map.Entry<String, ModelId> alias : aliases.read().byName().entrySet()) {
            if (alias.getValue().equals(id)) {
                Files.deleteIfExists(layout.alias(new ModelId(alias.getKey())));
            }
        }
    }

    /// Gives a model one more name.
    ///
    /// @throws CatalogueRefusedException if the alias is taken, or there is no such model
    public void alias(String alias, String name) throws IOException {
        ModelId aliasId = ModelName.parse(alias);
        ModelId model = ModelName.parse(name);
        lock.holding(() -> {
            if (known(model) == null) {
                throw new CatalogueRefusedException("there is no model " + model);
            }
            if (known(aliasId) != null) {
                throw new CatalogueRefusedException("the name " + aliasId + " is a model's");
            }
            ModelId other = aliases.read().byName().get(alias);
            if (other != null && !other.equals(model)) {
                throw new CatalogueRefusedException(aliasId + " is an alias of " + other);
            }
            DurableFiles.write(layout.alias(aliasId), ManifestJson.writeAlias(aliasId, model));
            return model;
        });
    }

    /// Takes a name away again.
    ///
    /// @throws CatalogueRefusedException if it is no alias
    public void unalias(String alias) throws IOException {
        ModelId aliasId = ModelName.parse(alias);
        lock.holding(() -> {
            if (!Files.deleteIfExists(layout.alias(aliasId))) {
                throw new CatalogueRefusedException("there is no alias " + aliasId);
            }
            DurableFiles.sync(layout.aliases());
            return aliasId;
        });
    }

    /// Deletes what a crash left: files in the store that no model names.
    ///
    /// @return bytes that were freed
    public long sweep() throws IOException {
        return Files.isDirectory(layout.models()) ? lock.holding(() -> sweep.run(manifests.read())) : 0;
    }

    /// Reads all files of a model from end to end and compares them with what they should be. Interrupting
    /// the thread ends it.
    ///
    /// @param progress told the bytes of each piece that was read
    public List<FileCheck> verify(CatalogueEntry entry, LongConsumer progress) throws IOException {
        return Verification.of(entry, progress);
    }
}
