package dev.millrace.engine.sample;

import dev.millrace.engine.Sampling;
import org.jspecify.annotations.Nullable;

/// The sampling state of one sequence. *Confined to the engine thread.*
public interface TokenSampler {
    /// The settings it works by.
    Sampling sampling();

    /// Adds a token to the history that penalties look back on: first the end of the prompt in order (the last
    /// [Sampling.Penalties#lastTokens] suffice), then each chosen token. [#choose] does not do it by itself.
    void accept(int token);

    /// Chooses a token. Never throws and never loops on broken logits: NaN counts as minus infinity, plus
    /// infinity as the largest float; if nothing is left, token 0 is chosen and [#sawBrokenLogits] says so.
    ///
    /// @param logits scratch memory with the model's logits, one per token of the vocabulary; may be
    ///     overwritten
    int choose(float[] logits);

    /// True if the last [#choose] found no token with a finite logit, so that its choice means nothing.
    boolean sawBrokenLogits();

    /// The chosen token and its rivals, if log-probabilities were asked for; valid until the next [#choose].
    /// Ids and natural-log probabilities of the unmodified distribution.
    @Nullable
    Chances lastChances();

    /// @param chosen log-probability of the chosen token
    /// @param ids most likely tokens, best first
    /// @param logprobs theirs
    @SuppressWarnings("ArrayRecordComponent") // lives until the next choice only, on one thread
    record Chances(int chosenId, float chosen, int[] ids, float[] logprobs) {}
}
