package dev.millrace.models.catalogue;

import dev.millrace.core.id.ModelId;
import dev.millrace.gguf.GgufSummary;
import java.time.Instant;
import java.util.List;

/// A model on this machine. *Immutable.*
///
/// @param files in the order of their shards; the first one is what an engine is given
/// @param summary of the whole model: sizes and parameters are those of all files together
/// @param origin where it came from, for people: an address, `Ollama`, `file`
/// @param problem why it cannot be relied upon, in words: a file is missing, was changed, or is no
///     sound model; empty if nothing is wrong
public record CatalogueEntry(
        ModelId id,
        List<StoredFile> files,
        GgufSummary summary,
        String origin,
        Instant added,
        List<String> aliases,
        Residence residence,
        String problem) {
    public CatalogueEntry {
        files = List.copyOf(files);
        aliases = List.copyOf(aliases);
    }

    /// A model in the store with which nothing is wrong.
    public CatalogueEntry(
            ModelId id,
            List<StoredFile> files,
            GgufSummary summary,
            String origin,
            Instant added,
            List<String> aliases) {
        this(id, files, summary, origin, added, aliases, Residence.STORED, "");
    }

    /// True if its files are there, unchanged and sound, as far as can be said without reading all of them.
    public boolean isUsable() {
        return problem.isEmpty();
    }

    /// Bytes of all its files.
    public long sizeBytes() {
        return files.stream().mapToLong(StoredFile::sizeBytes).sum();
    }

    CatalogueEntry withAliases(List<String> names) {
        return new CatalogueEntry(id, files, summary, origin, added, names, residence, problem);
    }
}
