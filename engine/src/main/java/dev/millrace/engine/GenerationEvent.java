package dev.millrace.engine;

import dev.millrace.core.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/// What happens to an accepted request, in order: progress, tokens, and exactly one [Terminal] event. *Immutable.*
public sealed interface GenerationEvent {
    /// Accepted: the prompt is valid and fits. Waiting for a slot.
    ///
    /// @param position requests ahead of this one, 0 or more
    /// @param promptTokens tokens of the whole templated prompt
    record Queued(int position, int promptTokens) implements GenerationEvent {}

    /// The prompt is being computed.
    ///
    /// @param processedTokens prompt tokens computed so far, cached ones included
    /// @param cachedTokens prompt tokens taken from the prefix cache
    /// @param promptTokens tokens of the whole prompt
    record Prefilling(int processedTokens, int cachedTokens, int promptTokens) implements GenerationEvent {}

    /// One generated token.
    ///
    /// @param tokenId id in the model's vocabulary
    /// @param text text that became certain with this token; empty while a character or a possible stop string is
    ///     incomplete, so the texts of all tokens together are the answer, always whole characters
    /// @param logprob present if asked for
    record Token(int tokenId, String text, @Nullable TokenLogprob logprob) implements GenerationEvent {}

    /// The last event of a request.
    sealed interface Terminal extends GenerationEvent {
        /// Tokens used up to the end.
        Usage usage();

        /// Where the time went.
        Timings timings();
    }

    /// The answer is complete, or was cancelled.
    ///
    /// @param stopSequence the stop string that ended the answer, if one did
    record Finished(FinishReason reason, @Nullable String stopSequence, Usage usage, Timings timings)
            implements Terminal {}

    /// The request was refused or broke off.
    ///
    /// @param message for the caller: what is wrong and what to do; no internals, no text of the prompt
    record Failed(ErrorCode code, String message, Usage usage, Timings timings) implements Terminal {}
}
