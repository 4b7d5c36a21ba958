package dev.millrace.models.foreign;

import dev.millrace.gguf.GgufSummary;
import dev.millrace.models.catalogue.StoredFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A model of another program. *Immutable.*
///
/// @param name what it can be called here; only to be shown if `whyNot` is not empty
/// @param files in the order of their shards; empty if they were not found
/// @param origin whose it is, for people: `Ollama`
/// @param summary absent if its header could not be read
/// @param whyNot why it cannot be used, in words; empty if it can
public record FoundModel(
        String name,
        List<StoredFile> files,
        String origin,
        @Nullable GgufSummary summary,
        String whyNot) {
    public FoundModel {
        files = List.copyOf(files);
    }

    static FoundModel unusable(String name, String origin, String whyNot) {
        return new FoundModel(name, List.of(), origin, null, whyNot);
    }

    /// True if it can be served from where it lies.
    public boolean isUsable() {
        return whyNot.isEmpty();
    }

    /// Bytes of all its files.
    public long sizeBytes() {
        return files.stream().mapToLong(StoredFile::sizeBytes).sum();
    }
}
