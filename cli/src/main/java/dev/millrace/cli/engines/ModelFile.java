package dev.millrace.cli.engines;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.CatalogueEntry;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A model on disk and the name it is served under. *Immutable.*
public record ModelFile(ModelId id, Path file) {
    private static final String EXTENSION = ".gguf";

    /// Finds the file of `name`: a path, a model or an alias of the catalogue, or one that ships inside. Of
    /// a model in several files it is the first.
    ///
    /// @throws CommandFailedException if there is none, or it cannot be relied upon
    public static ModelFile find(String name, Places places) {
        Path path = pathOf(name);
        if (path != null && Files.isRegularFile(path)) {
            return new ModelFile(idOf(path), path.toAbsolutePath().normalize());
        }
        Path shipped = places.distribution().resolve("models");
        Catalogue catalogue = Catalogue.open(places.dataDirectory(), List.of(shipped), InstantSource.system());
        String stem = name.endsWith(EXTENSION) ? name.substring(0, name.length() - EXTENSION.length()) : name;
        return catalogue
                .find(name)
                .or(() -> catalogue.find(stem))
                .map(ModelFile::of)
                .orElseThrow(() -> new CommandFailedException(
                        ExitCode.MODEL,
                        "no model '" + name + "': no such file, and nothing of that name in "
                                + places.dataDirectory().resolve("models"),
                        "Give the path of a GGUF file, or one of the names that millrace list shows"));
    }

    private static ModelFile of(CatalogueEntry entry) {
        if (!entry.isUsable()) {
            throw new CommandFailedException(
                    ExitCode.MODEL,
                    "model " + entry.id() + " cannot be used: " + entry.problem(),
                    "millrace show " + entry.id() + " tells more about it");
        }
        return new ModelFile(entry.id(), entry.files().getFirst().path());
    }

    private static @Nullable Path pathOf(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /// The file's name without its ending, with what may not be in a model's name replaced.
    static ModelId idOf(Path file) {
        String name = String.valueOf(file.getFileName());
        String stem = name.endsWith(EXTENSION) ? name.substring(0, name.length() - EXTENSION.length()) : name;
        String allowed = stem.replaceAll("[^\\x21-\\x7e]+", "-");
        if (allowed.isEmpty()) {
            return new ModelId("model");
        }
        return new ModelId(allowed.substring(0, Math.min(allowed.length(), ModelId.MAX_LENGTH)));
    }
}
