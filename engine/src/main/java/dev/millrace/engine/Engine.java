package dev.millrace.engine;

/// Generates text with one model. *Thread-safe.*
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

    /// Stops the engine: everything still running ends with [GenerationEvent.Failed] (`engine_lost`). Idempotent.
    @Override
    void close();
}
