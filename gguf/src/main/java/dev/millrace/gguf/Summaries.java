package dev.millrace.gguf;

import java.util.OptionalLong;

/// Makes summaries of headers. Pure.
final class Summaries {
    private Summaries() {}

    static GgufSummary of(GgufMetadata metadata, GgufWeights weights, long sizeBytes) {
        String architecture = metadata.text("general.architecture").orElse("");
        return new GgufSummary(
                architecture,
                metadata.text("general.name").orElse(""),
                weights.numbers(),
                quantisation(metadata, weights),
                limited(metadata.whole(architecture + ".context_length").orElse(0)),
                vocabulary(metadata, architecture),
                metadata.text("tokenizer.chat_template").orElse(null),
                metadata.text("general.license").orElse(""),
                limited(metadata.whole("split.no").orElse(0)),
                Math.max(1, limited(metadata.whole("split.count").orElse(1))),
                sizeBytes);
    }

    private static String quantisation(GgufMetadata metadata, GgufWeights weights) {
        OptionalLong type = metadata.whole("general.file_type");
        String named = type.isPresent() ? FileType.name(type.getAsLong()) : null;
        return named == null ? weights.mainType() : named;
    }

    private static int vocabulary(GgufMetadata metadata, String architecture) {
        long tokens = metadata.count("tokenizer.ggml.tokens");
        return limited(
                tokens > 0
                        ? tokens
                        : metadata.whole(architecture + ".vocab_size").orElse(0));
    }

    // What is beyond the range of an int is refused by [ModelRules]; a summary never fails.
    private static int limited(long value) {
        return Math.clamp(value, 0, Integer.MAX_VALUE);
    }
}
