package dev.millrace.models.foreign;

import dev.millrace.gguf.GgufSummary;
import dev.millrace.gguf.InvalidGgufException;
import dev.millrace.models.catalogue.CheckedModel;
import dev.millrace.models.catalogue.ModelName;
import dev.millrace.models.catalogue.Purpose;
import dev.millrace.models.catalogue.Shards;
import dev.millrace.models.catalogue.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Files that may be a model, and the judgement. *Immutable.*
record Candidate(String name, List<Path> paths, String origin) {
    private static final Pattern DIGEST = Pattern.compile("(?:sha256-)?([0-9a-f]{64})");

    /// Reads the headers.
    ///
    /// @param root links must not lead out of it
    FoundModel judge(Path root) {
        List<StoredFile> files = new ArrayList<>();
        for (Path path : paths) {
            String whyNot = inside(root, path, files);
            if (!whyNot.isEmpty()) {
                return new FoundModel(name, files, origin, null, whyNot);
            }
        }
        return judgeContent(files);
    }

    private static String inside(Path root, Path path, List<StoredFile> files) {
        try {
            Path real = path.toRealPath();
            if (!real.startsWith(root.toRealPath())) {
                return path + " is a link that leads out of " + root + ": import its target by its own path";
            }
            if (!Files.isRegularFile(real)) {
                return path + " is no plain file";
            }
            var digest = DIGEST.matcher(String.valueOf(real.getFileName()));
            files.add(new StoredFile(
                    path.toAbsolutePath().normalize(), Files.size(real), digest.matches() ? digest.group(1) : ""));
            return "";
        } catch (IOException e) {
            return Files.isSymbolicLink(path)
                    ? "its content is missing: " + path + " leads nowhere (an unfinished download?)"
                    : path + " cannot be read: " + e.getMessage();
        }
    }

    private FoundModel judgeContent(List<StoredFile> files) {
        try {
            if (String.valueOf(paths.getFirst().getFileName())
                    .toLowerCase(Locale.ROOT)
                    .startsWith("mmproj")) {
                return unusable(files, "it holds the part of a model that reads images or sound");
            }
            CheckedModel model = CheckedModel.read(files);
            GgufSummary summary = model.summary();
            String purpose = Purpose.whyNot(summary);
            String whyNot = purpose == null ? "" : purpose;
            if (whyNot.isEmpty() && !ModelName.isValid(name)) {
                whyNot = "its name cannot be a model's name here: give it another with --name";
            }
            return new FoundModel(name, model.files(), origin, summary, whyNot);
        } catch (InvalidGgufException e) {
            return unusable(files, "damaged or incomplete: " + e.getMessage());
        } catch (IOException e) {
            return unusable(files, "cannot be read: " + e.getMessage());
        }
    }

    private FoundModel unusable(List<StoredFile> files, String whyNot) {
        return new FoundModel(name, files, origin, null, whyNot);
    }

    static FoundModel ofNamedFile(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        List<Path> paths = List.of(absolute);
        try (Stream<Path> siblings = Files.list(absolute.resolveSibling(""))) {
            paths = Shards.group(siblings.filter(Shards::isModelFile).toList()).stream()
                    .filter(group -> group.contains(absolute))
                    .findFirst()
                    .orElse(paths);
        } catch (IOException e) {
            // The file itself says what is wrong.
        }
        Candidate candidate =
                new Candidate(ModelName.nearest(Shards.stem(absolute)).value(), paths, "file");
        Path root = absolute.getRoot();
        return candidate.judge(root == null ? absolute : root);
    }
}
