package dev.millrace.server.generate;

import dev.millrace.engine.GenerationEvent;
import dev.millrace.protocol.openai.ApiError;

/// Where a call's events go: to a client that wants the whole answer, or to one that wants a stream. Not used any
/// more once the response is closed. *Confined to its event loop.*
sealed interface AnswerOutput permits WholeOutput, StreamOutput {
    /// The engine took the request: from here on a stream may begin.
    void accepted(long nowNanos);

    /// One more token.
    void token(GenerationEvent.Token token);

    /// Hands to the connection what was written so far.
    void flush(long nowNanos);

    /// The answer is complete.
    void finished(GenerationEvent.Finished finished, long nowNanos);

    /// There will be no answer, or no more of it.
    ///
    /// @return the status that the client saw
    int failed(ApiError error, long nowNanos);

    /// True while the client takes less than it is given.
    boolean isFull();

    /// Shows a sign of life if nothing was written since `silentSinceNanos` or later.
    void heartbeat(long nowNanos, long silentSinceNanos);
}
