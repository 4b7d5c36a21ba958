package dev.millrace.models.lifecycle;

import dev.millrace.engine.Engine;
import java.util.concurrent.CompletionStage;

/// A model in memory. *Thread-safe.*
public interface RunningModel extends AutoCloseable {
    /// Its engine.
    Engine engine();

    /// What the model was measured to take, in bytes; 0 if unknown.
    long residentBytes();

    /// Completed with the reason, for people, when the engine was lost by itself; what ran on it has ended then.
    CompletionStage<String> lost();

    /// Takes it out of memory; returns when its memory is back, which may take seconds. Idempotent.
    @Override
    void close();
}
