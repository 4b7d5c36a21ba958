package dev.millrace.gguf;

import java.nio.file.Path;
import java.util.Optional;

/// A model file whose header was found sound. *Immutable.*
///
/// @param metadata the entries of the header
/// @param weights the tensors of this file
public record GgufFile(Path file, GgufSummary summary, GgufMetadata metadata, GgufWeights weights) {
    /// Whether it is a model that makes embeddings and cannot generate text.
    public boolean makesOnlyEmbeddings() {
        return FilePurpose.isEncoder(this);
    }

    /// Why it is no model of text, in words that follow the name of the file and "cannot be served:";
    /// absent if it is one.
    public Optional<String> whyNotServed() {
        return FilePurpose.whyNot(this);
    }
}
