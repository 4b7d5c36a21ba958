package dev.millrace.engine.batch;

/// What a consumer asks of the engine that runs its request. *Thread-safe.*
interface GenerationCommands {
    /// Ends the request.
    void cancel(BatchGeneration generation);

    /// Goes on with a request that was paused because its ring was full.
    void resume(BatchGeneration generation);
}
