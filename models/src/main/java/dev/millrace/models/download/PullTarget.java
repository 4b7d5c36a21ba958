package dev.millrace.models.download;

import dev.millrace.core.id.ModelId;
import java.util.List;
import java.util.Objects;

/// What a reference came to. *Immutable.*
///
/// @param origin where it is from, for people
/// @param files in the order of their shards
record PullTarget(ModelId model, String origin, List<SourceFile> files) {
    private static final int KEY_DIGITS = 40;

    PullTarget {
        files = List.copyOf(files);
    }

    /// What tells this apart from all other things to pull: the name of its partial directory.
    String key() {
        StringBuilder text = new StringBuilder();
        files.forEach(f -> text.append(f.address()).append('\n'));
        return Digests.sha256(text.toString()).substring(0, KEY_DIGITS);
    }

    /// Of all files; -1 if not all are known.
    long totalBytes() {
        return files.stream().anyMatch(f -> f.sizeBytes() < 0)
                ? -1
                : files.stream().mapToLong(SourceFile::sizeBytes).sum();
    }

    /// The digests of all files; empty if not all are stated.
    List<String> digests() {
        List<String> stated =
                files.stream().map(SourceFile::sha256).filter(Objects::nonNull).toList();
        return stated.size() == files.size() ? stated : List.of();
    }
}
