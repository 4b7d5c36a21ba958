package dev.millrace.protocol.openai;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What chat and plain completions have in common. Absent fields are `null`; defaults are the translator's
/// business. *Immutable.*
///
/// @param stops strings that end the answer
/// @param keepAlive how long the model is to stay in memory unused; negative = for ever
/// @param logprobs [#NO_LOGPROBS], or how many rivals to report with each token
public record RequestFields(
        String model,
        boolean stream,
        boolean includeUsage,
        @Nullable Integer maxTokens,
        List<String> stops,
        boolean ignoreEos,
        int minTokens,
        int logprobs,
        @Nullable Duration keepAlive,
        SamplingFields sampling) {
    /// Log-probabilities were not asked for.
    public static final int NO_LOGPROBS = -1;

    /// Most stop strings.
    public static final int MAX_STOPS = 16;

    /// Longest stop string, in UTF-8 bytes.
    public static final int MAX_STOP_BYTES = 1024;

    /// Most rivals reported with a token.
    public static final int MAX_TOP_LOGPROBS = 20;

    /// Most entries of `logit_bias`.
    public static final int MAX_LOGIT_BIASES = 1024;

    /// Longest look-back of the repetition penalty, in tokens.
    public static final int MAX_REPEAT_LAST_N = 4096;

    public RequestFields {
        stops = List.copyOf(stops);
    }

    /// How the next token is to be chosen. *Immutable.*
    public record SamplingFields(
            @Nullable Double temperature,
            @Nullable Double topP,
            @Nullable Integer topK,
            @Nullable Double minP,
            @Nullable Double repeatPenalty,
            @Nullable Integer repeatLastN,
            @Nullable Double presencePenalty,
            @Nullable Double frequencyPenalty,
            @Nullable Long seed,
            Map<Integer, Float> logitBias) {
        public SamplingFields {
            logitBias = Map.copyOf(logitBias);
        }
    }
}
