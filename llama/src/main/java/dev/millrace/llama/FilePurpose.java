package dev.millrace.llama;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whether what a GGUF file says of itself is a model that generates text. Others pass for one until the first step,
/// where some builds end the process. Pure.
final class FilePurpose {
    // As llama.cpp 0.5.0 names them.
    private static final Set<String> EMBEDDING = Set.of(
            "bert",
            "modern-bert",
            "nomic-bert",
            "nomic-bert-moe",
            "neo-bert",
            "jina-bert-v2",
            "jina-bert-v3",
            "eurobert",
            "gemma-embedding",
            "llama-embed");
    private static final Set<String> ENCODER_DECODER = Set.of("t5", "t5encoder");
    private static final Set<String> MEDIA = Set.of("clip", "wavtokenizer-dec");

    private FilePurpose() {}

    /// Why the file cannot be served, or null.
    ///
    /// @param architecture `general.architecture`; empty if the file does not say
    /// @param type `general.type`; empty if the file does not say
    static @Nullable String whyNot(String architecture, String type) {
        if (MEDIA.contains(architecture) || type.equals("mmproj")) {
            return "it holds the part of a model that reads images or sound; serve the model itself";
        }
        if (type.equals("adapter")) {
            return "it is an adapter (LoRA), not a model; merge it into its model first";
        }
        if (type.equals("imatrix") || type.equals("vocab")) {
            return "it holds no weights (general.type is " + type + ")";
        }
        if (EMBEDDING.contains(architecture)) {
            return "its architecture, " + architecture + ", makes embeddings and cannot generate text";
        }
        if (ENCODER_DECODER.contains(architecture)) {
            return "its architecture, " + architecture + ", reads and writes in two parts (an encoder and a decoder),"
                    + " which Millrace does not serve";
        }
        return null;
    }
}
