package dev.millrace.worker;

import dev.millrace.engine.Engine;

/// Makes the engine inside a worker process.
@FunctionalInterface
public interface EngineOpener {
    /// Loads what `order` says. Called on a thread of its own; should end soon when interrupted.
    ///
    /// @throws LoadFailedException if this model cannot be run; its message is for people
    Engine open(LoadOrder order, LoadListener listener) throws LoadFailedException, InterruptedException;
}
