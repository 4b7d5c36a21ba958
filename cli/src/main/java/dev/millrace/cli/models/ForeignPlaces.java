package dev.millrace.cli.models;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.models.foreign.ForeignModels;
import dev.millrace.models.foreign.FoundModel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// Where other programs keep their models, by their own environment variables and defaults. *Immutable.*
record ForeignPlaces(Map<String, String> environment, Path home) {
    /// A folder to look through.
    ///
    /// @param program whose it is
    record Source(String program, Path folder, Function<Path, List<FoundModel>> scan) {
        boolean exists() {
            return Files.exists(folder);
        }

        List<FoundModel> find() {
            return scan.apply(folder);
        }
    }

    static ForeignPlaces of(Map<String, String> environment) {
        return new ForeignPlaces(
                environment, Path.of(environment.getOrDefault("HOME", System.getProperty("user.home"))));
    }

    /// The folders that `--from` means.
    ///
    /// @param from `ollama`, `lmstudio`, `huggingface`, a file or a folder; empty for all three programs
    List<Source> sources(String from) {
        return switch (from) {
            case "" -> {
                List<Source> all = new ArrayList<>(ollama());
                all.addAll(lmStudio());
                all.addAll(huggingFace());
                yield all;
            }
            case "ollama" -> ollama();
            case "lmstudio" -> lmStudio();
            case "huggingface" -> huggingFace();
            default -> List.of(named(from));
        };
    }

    private List<Source> ollama() {
        Set<Path> folders = new LinkedHashSet<>();
        folders.add(setting("OLLAMA_MODELS", home.resolve(".ollama").resolve("models")));
        if (environment.getOrDefault("OLLAMA_MODELS", "").isEmpty()) {
            // Where the service of Ollama's installer keeps them on Linux.
            Path service = Path.of("/usr", "share", "ollama", ".ollama", "models");
            if (Files.isReadable(service)) {
                folders.add(service);
            }
        }
        return folders.stream()
                .map(folder -> new Source("Ollama", folder, ForeignModels::ollama))
                .toList();
    }

    private List<Source> lmStudio() {
        return List.of(
                new Source("LM Studio", home.resolve(".lmstudio").resolve("models"), ForeignModels::lmStudio),
                new Source(
                        "LM Studio",
                        home.resolve(".cache").resolve("lm-studio").resolve("models"),
                        ForeignModels::lmStudio));
    }

    private List<Source> huggingFace() {
        Path cache = setting("XDG_CACHE_HOME", home.resolve(".cache"));
        Path hub = setting("HF_HOME", cache.resolve("huggingface")).resolve("hub");
        Path older = setting("HUGGINGFACE_HUB_CACHE", hub);
        return List.of(new Source("Hugging Face", setting("HF_HUB_CACHE", older), ForeignModels::huggingFace));
    }

    private Path setting(String name, Path otherwise) {
        String value = environment.getOrDefault(name, "");
        return value.isEmpty() ? otherwise : Path.of(value).toAbsolutePath().normalize();
    }

    private static Source named(String from) {
        Path path;
        try {
            path = Path.of(from).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            path = Path.of("").toAbsolutePath().resolve("?");
        }
        if (!Files.exists(path)) {
            throw new CommandFailedException(
                    ExitCode.USAGE,
                    "--from: there is no '" + from + "'",
                    "Give ollama, lmstudio, huggingface, or the path of a GGUF file or a folder with some");
        }
        return Files.isDirectory(path)
                ? new Source("file", path, ForeignModels::folder)
                : new Source("file", path, file -> List.of(ForeignModels.file(file)));
    }
}
