package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;

/// Starts the engine of a model. *Thread-safe.*
@FunctionalInterface
public interface EngineStarter {
    /// Starts and warms the model; blocks until it is ready. Called on a thread of its own; an interrupt cancels it,
    /// and whatever was started by then is stopped before this returns.
    RunningModel start(ModelId model, LoadListener listener) throws ModelLoadFailedException, InterruptedException;
}
