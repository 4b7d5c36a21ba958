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
public record CatalogueEntry(
        ModelId id, List<StoredFile> files, GgufSummary summary, String origin, Instant added, List<String> aliases) {
    public CatalogueEntry {
        files = List.copyOf(files);
        aliases = List.copyOf(aliases);
    }
}
