package dev.millrace.engine.sample;

import dev.millrace.engine.Sampling;
import org.jspecify.annotations.Nullable;

/// The sampling state of one sequence. *Confined to the engine thread.*
public interface TokenSampler {
    /// The settings it works by.
    Sampling sampling();

    /// Chooses a token.
    ///
    /// @param logits scratch memory with the model's logits, one per token of the vocabulary; may be overwritten
    int choose(float[] logits);

    /// The chosen token and its rivals, if log-probabilities were asked for; valid until the next [#choose].
    /// Ids and natural-log probabilities of the unmodified distribution.
    @Nullable Chances lastChances();

    /// @param chosen log-probability of the chosen token
    /// @param ids most likely tokens, best first
    /// @param logprobs theirs
    @SuppressWarnings("ArrayRecordComponent") // lives until the next choice only, on one thread
    record Chances(int chosenId, float chosen, int[] ids, float[] logprobs) {}
}
