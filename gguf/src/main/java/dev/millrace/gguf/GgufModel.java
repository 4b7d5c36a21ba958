package dev.millrace.gguf;

import java.util.List;
import java.util.Optional;

/// A whole model: one file, or all files it is split into, each sound and belonging to the others. *Immutable.*
///
/// @param files in their order, at least one; the first has the entries
/// @param weights of all files
public record GgufModel(List<GgufFile> files, GgufWeights weights) {
    public GgufModel {
        files = List.copyOf(files);
    }

    /// The file with the entries, which llama.cpp is given.
    public GgufFile first() {
        return files.getFirst();
    }

    /// What its first file says, with parameters and size of all.
    public GgufSummary summary() {
        long size = files.stream().mapToLong(f -> f.summary().sizeBytes()).sum();
        return Summaries.of(first().metadata(), weights, size);
    }

    /// Whether it makes embeddings and cannot generate text.
    public boolean makesOnlyEmbeddings() {
        return first().makesOnlyEmbeddings();
    }

    /// Why it is no model of text; absent if it is one.
    public Optional<String> whyNotServed() {
        return weights.tensors() == 0 ? Optional.of("it holds no weights") : first().whyNotServed();
    }
}
