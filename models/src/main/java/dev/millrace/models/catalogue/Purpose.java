package dev.millrace.models.catalogue;

import dev.millrace.gguf.GgufSummary;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whether a sound file is a model that makes text, as far as its summary says. Pure.
public final class Purpose {
    private static final Set<String> MEDIA = Set.of("clip", "wavtokenizer-dec");
    private static final Set<String> TWO_PARTS = Set.of("t5", "t5encoder");
    private static final Set<String> EMBEDDING = Set.of("eurobert", "gemma-embedding", "llama-embed");

    private Purpose() {}

    /// Why a model cannot be served, in words, or null.
    public static @Nullable String whyNot(GgufSummary summary) {
        String architecture = summary.architecture().toLowerCase(Locale.ROOT);
        if (MEDIA.contains(architecture)) {
            return "it holds the part of a model that reads images or sound";
        }
        if (EMBEDDING.contains(architecture) || architecture.matches(".*bert(-.*)?")) {
            return "its architecture, " + architecture + ", makes embeddings and cannot generate text";
        }
        if (TWO_PARTS.contains(architecture)) {
            return "its architecture, " + architecture + ", has an encoder and a decoder, which is not served";
        }
        return null;
    }
}
