package dev.millrace.gguf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds the files of a split model, which `llama-gguf-split` names by their number, counted from 1.
final class Shards {
    private static final Pattern NAME = Pattern.compile("(.*)-([0-9]{5})-of-([0-9]{5})\\.gguf");
    /// The largest known model has about a hundred.
    private static final int MAX_SHARDS = 1024;

    private Shards() {}

    static GgufModel read(Path path) throws IOException {
        Set<String> names = new HashSet<>();
        GgufFile first = GgufReader.read(path, names);
        int count = first.summary().shardCount();
        if (count == 1) {
            return new GgufModel(List.of(first), first.weights());
        }
        String stem = stem(first, count);
        List<GgufFile> files = new ArrayList<>(List.of(first));
        GgufWeights weights = first.weights();
        for (int i = 1; i < count; i++) {
            GgufFile next = read(path.resolveSibling(name(stem, i, count)), i, first, names);
            files.add(next);
            weights = weights.plus(next.weights());
        }
        long expected = first.metadata().whole("split.tensors.count").orElse(weights.tensors());
        if (expected != weights.tensors()) {
            throw new InvalidGgufException("split model: " + path + " and the files behind it have " + weights.tensors()
                    + " tensors (expected: " + expected + ", by split.tensors.count)");
        }
        return new GgufModel(files, weights);
    }

    private static String stem(GgufFile first, int count) throws InvalidGgufException {
        Path path = first.file();
        int index = first.summary().shardIndex();
        if (count > MAX_SHARDS) {
            throw new InvalidGgufException(
                    "split model: " + path + " is one of " + count + " files (expected: at most " + MAX_SHARDS + ")");
        }
        Matcher matcher = NAME.matcher(String.valueOf(path.getFileName()));
        if (!matcher.matches()) {
            throw new InvalidGgufException("split model: " + path + " is one of " + count
                    + " files, but is not named as one (expected: " + name("NAME", index, count) + ")");
        }
        String stem = matcher.group(1);
        if (index != 0) {
            throw new InvalidGgufException("split model: " + path + " is file " + (index + 1) + " of " + count
                    + "; name the first: " + name(stem, 0, count));
        }
        if (!matcher.group().equals(name(stem, 0, count))) {
            throw new InvalidGgufException("split model: " + path + " is the first of " + count
                    + " files, but is named otherwise (expected: " + name(stem, 0, count) + ")");
        }
        return stem;
    }

    private static GgufFile read(Path path, int index, GgufFile first, Set<String> names) throws IOException {
        int count = first.summary().shardCount();
        if (!Files.exists(path)) {
            throw new InvalidGgufException(
                    "split model: file " + (index + 1) + " of " + count + " is missing: " + path);
        }
        GgufFile file = GgufReader.read(path, names);
        GgufSummary summary = file.summary();
        if (summary.shardIndex() != index || summary.shardCount() != count) {
            throw new InvalidGgufException("split model: " + path + " says it is file " + (summary.shardIndex() + 1)
                    + " of " + summary.shardCount() + " (expected: " + (index + 1) + " of " + count + ")");
        }
        String architecture = first.summary().architecture();
        if (!summary.architecture().isEmpty() && !summary.architecture().equals(architecture)) {
            throw new InvalidGgufException("split model: architecture of " + path + ": "
                    + GgufInput.printable(summary.architecture()) + " (expected: "
                    + GgufInput.printable(architecture) + ")");
        }
        return file;
    }

    private static String name(String stem, int index, int count) {
        return String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", stem, index + 1, count);
    }
}
