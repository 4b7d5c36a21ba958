package dev.millrace.engine;

import dev.millrace.core.error.ErrorCode;

/// Generates text, and vectors of texts, with one model. *Thread-safe.*
///
/// Every accepted request ends with exactly one terminal event, also when it is cancelled, when the engine fails
/// and when it is closed.
public interface Engine extends AutoCloseable {
    /// The model this engine runs; does not change during its life.
    ModelDescription model();

    /// What the engine is doing now; a snapshot to look at, never to decide by.
    EngineStatus status();

    /// Starts a generation. Returns at once, never throws for anything in the request: a refusal is a
    /// [GenerationEvent.Failed] event. Tokenising and templating happen on the engine's own threads.
    ///
    /// @param onAvailable called by any thread when [Generation#poll] has something again after it returned `null`;
    ///     must return quickly, must not throw, and may be called once too often
    Generation submit(GenerationRequest request, Runnable onAvailable);

    /// Starts to make vectors. Returns at once, never throws for anything in the request: a refusal, also that of an
    /// engine that cannot do it, is an [EmbeddingEvent.Failed] event.
    ///
    /// @param onAvailable as for [#submit]
    default Embedding embed(EmbeddingRequest request, Runnable onAvailable) {
        return new RefusedEmbedding(
                request.id(),
                EmbeddingEvent.Failed.refused(ErrorCode.UNSUPPORTED_VALUE, "this model cannot make embeddings"));
    }

    /// Stops the engine: everything still running ends with [GenerationEvent.Failed] or [EmbeddingEvent.Failed]
    /// (`engine_lost`). Idempotent.
    @Override
    void close();
}
