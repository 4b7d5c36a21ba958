package dev.millrace.models.catalogue;

import dev.millrace.core.id.ModelId;
import dev.millrace.gguf.GgufSummary;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the store remembers of a model. *Immutable.*
///
/// @param summary as it was when the files were checked; absent if an older or newer program read them
record Manifest(
        ModelId name,
        String origin,
        Instant added,
        List<Part> parts,
        @Nullable GgufSummary summary) {
    Manifest {
        parts = List.copyOf(parts);
    }

    /// One file.
    ///
    /// @param sha256 empty if unknown, never for a blob
    /// @param path of a file used in place; absent for a blob
    /// @param modifiedMillis when it was last written, as seen at the check; 0 for a blob
    record Part(String sha256, @Nullable Path path, long sizeBytes, long modifiedMillis) {}

    /// True if the files are blobs of the store.
    boolean isStored() {
        return parts.stream().allMatch(part -> part.path() == null);
    }

    /// Names the folder of a model in several blobs.
    String shardKey() {
        return Sha256.ofText(String.join("\n", parts.stream().map(Part::sha256).toList()));
    }
}
