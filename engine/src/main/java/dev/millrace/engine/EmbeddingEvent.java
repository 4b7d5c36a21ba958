package dev.millrace.engine;

import dev.millrace.core.error.ErrorCode;

/// What happens to an accepted embedding request, in order: at most one [Started], a [Vector] for each input, and
/// exactly one [Terminal] event. *Immutable.*
public sealed interface EmbeddingEvent {
    /// All inputs are valid and fit; the first of them is about to be computed.
    ///
    /// @param promptTokens tokens of all inputs together
    record Started(int promptTokens) implements EmbeddingEvent {}

    /// The vector of the next input: they come in the order of the inputs.
    ///
    /// @param values of length 1, or all zeros; the array belongs to the reader
    @SuppressWarnings("ArrayRecordComponent") // made for one reader, who would have to copy it else
    record Vector(float[] values) implements EmbeddingEvent {}

    /// The last event of a request.
    sealed interface Terminal extends EmbeddingEvent {
        /// Tokens used up to the end; none of them generated.
        Usage usage();

        /// Where the time went; none of it decoding.
        Timings timings();
    }

    /// Every input has its vector.
    record Finished(Usage usage, Timings timings) implements Terminal {}

    /// The caller cancelled.
    record Cancelled(Usage usage, Timings timings) implements Terminal {}

    /// The request was refused or broke off.
    ///
    /// @param message for the caller: what is wrong and what to do; no internals, no text of an input
    record Failed(ErrorCode code, String message, Usage usage, Timings timings) implements Terminal {
        /// Refused before anything was computed.
        public static Failed refused(ErrorCode code, String message) {
            return new Failed(code, message, Usage.NONE, Timings.NONE);
        }
    }
}
