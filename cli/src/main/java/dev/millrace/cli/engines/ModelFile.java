package dev.millrace.cli.engines;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.core.id.ModelId;
import java.nio.file.Files;
import java.nio.file.Path;

/// A model on disk and the name it is served under. *Immutable.*
public record ModelFile(ModelId id, Path file) {
    private static final String EXTENSION = ".gguf";

    /// Finds the file of `name`: a path, a model in the data directory's `models`, or one that ships inside.
    ///
    /// @throws CommandFailedException if there is none
    public static ModelFile find(String name, Places places) {
        Path path = Path.of(name);
        String fileName = name.endsWith(EXTENSION) ? name : name + EXTENSION;
        Path own = places.dataDirectory().resolve("models").resolve(fileName);
        Path shipped = places.distribution().resolve("models").resolve(fileName);
        for (Path candidate : new Path[] {path, own, shipped}) {
            if (Files.isRegularFile(candidate)) {
                return new ModelFile(idOf(candidate), candidate.toAbsolutePath().normalize());
            }
        }
        throw new CommandFailedException(
                ExitCode.MODEL,
                "no model '" + name + "': no such file, and nothing of that name in " + own.getParent(),
                "Give the path of a GGUF file, or leave --model away for the built-in demo model");
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
