package dev.millrace.engine;

import java.util.Map;

/// How the next token is chosen from the model's distribution. *Immutable.*
///
/// The steps run in this order: logit bias, penalties, top-k, top-p, min-p, temperature, draw.
///
/// @param temperature 0 = always the most likely token; else divides the logits
/// @param topK keep the k most likely tokens; 0 = all
/// @param topP keep the most likely tokens that together reach this probability, 0 < p <= 1
/// @param minP drop tokens less likely than this share of the most likely one, 0 <= p <= 1
/// @param penalties against repetition
/// @param logitBias added to the logits of these tokens, -100..100
/// @param seed the same seed makes the same draws
/// @param logprobs [#NO_LOGPROBS], or how many rivals to report with each token, 0..20
public record Sampling(
        float temperature,
        int topK,
        float topP,
        float minP,
        Penalties penalties,
        Map<Integer, Float> logitBias,
        long seed,
        int logprobs) {
    /// Do not report log-probabilities.
    public static final int NO_LOGPROBS = -1;

    /// Always the most likely token.
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, Penalties.NONE, Map.of(), 0, NO_LOGPROBS);

    public Sampling {
        logitBias = Map.copyOf(logitBias);
    }

    /// True if no draw is made.
    public boolean isGreedy() {
        return temperature <= 0 || topK == 1;
    }

    /// Penalties on tokens of the prompt's end and of the answer so far.
    ///
    /// @param repeat divides positive and multiplies negative logits of tokens seen; 1 = off
    /// @param presence subtracted once from tokens seen
    /// @param frequency subtracted once per occurrence
    /// @param lastTokens how many of the latest tokens count
    public record Penalties(float repeat, float presence, float frequency, int lastTokens) {
        /// Most tokens looked back on.
        public static final int MAX_LAST_TOKENS = 4096;

        /// No penalty.
        public static final Penalties NONE = new Penalties(1, 0, 0, 64);

        /// True if it changes nothing.
        public boolean isOff() {
            return repeat == 1 && presence == 0 && frequency == 0;
        }
    }
}
