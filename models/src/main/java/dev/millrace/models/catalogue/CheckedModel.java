package dev.millrace.models.catalogue;

import dev.millrace.gguf.GgufReader;
import dev.millrace.gguf.GgufSummary;
import dev.millrace.gguf.InvalidGgufException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The files of one model after their headers were read: all of them are there, sound, and belong together.
/// *Immutable.*
///
/// @param files in the order of their shards
/// @param summary of all of them together
public record CheckedModel(List<StoredFile> files, GgufSummary summary) {
    public CheckedModel {
        files = List.copyOf(files);
    }

    /// Reads the headers.
    ///
    /// @param files of one model, in any order
    /// @throws InvalidGgufException if one is unsound, missing, or of another model; the message says which
    /// @throws IOException if one cannot be read
    public static CheckedModel read(List<StoredFile> files) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (StoredFile file : files) {
            parts.add(new Part(file, summaryOf(file)));
        }
        parts.sort(Comparator.comparingInt(part -> part.summary().shardIndex()));
        requireAll(parts);
        return new CheckedModel(parts.stream().map(Part::file).toList(), together(parts));
    }

    private record Part(StoredFile file, GgufSummary summary) {}

    private static GgufSummary summaryOf(StoredFile file) throws IOException {
        try {
            return GgufReader.read(file.path()).summary();
        } catch (InvalidGgufException e) {
            throw new InvalidGgufException(file.path().getFileName() + ": " + e.getMessage());
        }
    }

    private static void requireAll(List<Part> parts) throws InvalidGgufException {
        if (parts.isEmpty()) {
            throw new InvalidGgufException("a model of no files");
        }
        int count = parts.getFirst().summary().shardCount();
        for (int i = 0; i < parts.size(); i++) {
            GgufSummary summary = parts.get(i).summary();
            if (summary.shardCount() != count || parts.size() > count) {
                throw new InvalidGgufException(
                        parts.get(i).file().path().getFileName() + ": belongs to another model, in "
                                + summary.shardCount() + (summary.shardCount() == 1 ? " file" : " files")
                                + " (expected: " + parts.size() + ")");
            }
            if (summary.shardIndex() != i) {
                throw new InvalidGgufException("part " + (i + 1) + " of " + count + " is missing");
            }
        }
        if (parts.size() < count) {
            throw new InvalidGgufException("part " + (parts.size() + 1) + " of " + count + " is missing");
        }
    }

    private static GgufSummary together(List<Part> parts) {
        GgufSummary first = parts.getFirst().summary();
        if (parts.size() == 1) {
            return first;
        }
        GgufSummary largest = parts.stream()
                .map(Part::summary)
                .max(Comparator.comparingLong(GgufSummary::parameters))
                .orElse(first);
        @Nullable String template = first.chatTemplate();
        return new GgufSummary(
                first.architecture(),
                first.name(),
                parts.stream().mapToLong(part -> part.summary().parameters()).sum(),
                largest.quantisation(), // the first file of a split may hold no tensors at all
                first.contextTokens(),
                first.vocabularyTokens(),
                template,
                first.licence(),
                0,
                parts.size(),
                parts.stream().mapToLong(part -> part.summary().sizeBytes()).sum());
    }
}
