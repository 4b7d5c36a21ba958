package dev.millrace.gguf;

import java.util.Optional;
import java.util.Set;

/// Whether what a GGUF file says of itself is a model of text. Others pass for one until the first step, where some
/// builds
/// end the process. Pure.
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

    /// True if it reads text as a whole and cannot go on with it.
    static boolean isEncoder(GgufFile file) {
        return EMBEDDING.contains(file.metadata().text("general.architecture").orElse(""));
    }

    static Optional<String> whyNot(GgufFile file) {
        String architecture = file.metadata().text("general.architecture").orElse("");
        String type = file.metadata().text("general.type").orElse("");
        if (MEDIA.contains(architecture) || type.equals("mmproj")) {
            return Optional.of("it holds the part of a model that reads images or sound; serve the model itself");
        }
        if (type.equals("adapter")) {
            return Optional.of("it is an adapter (LoRA), not a model; merge it into its model first");
        }
        if (type.equals("imatrix") || type.equals("vocab")) {
            return Optional.of("it holds no weights (general.type is " + type + ")");
        }
        if (file.weights().tensors() == 0 && file.summary().shardCount() == 1) {
            return Optional.of("it holds no weights");
        }
        if (ENCODER_DECODER.contains(architecture)) {
            return Optional.of("its architecture, " + architecture
                    + ", reads and writes in two parts (an encoder and a decoder), which Millrace does not serve");
        }
        return Optional.empty();
    }
}
