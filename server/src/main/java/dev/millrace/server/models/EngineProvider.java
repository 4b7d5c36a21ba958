package dev.millrace.server.models;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.Engine;
import java.util.List;

/// Where engines come from: the server asks for each model once, at its start, and owns what it gets.
public interface EngineProvider {
    /// The models on offer, the default one first; at least one.
    List<ModelId> models();

    /// Loads a model. Called on a thread of its own; may take minutes, and should end soon when interrupted.
    ///
    /// @throws EngineUnavailableException if this model cannot be run
    Engine load(ModelId model, LoadProgress progress) throws EngineUnavailableException, InterruptedException;

    /// Told how far loading is.
    @FunctionalInterface
    interface LoadProgress {
        /// @param fraction 0..1, never less than before
        void at(float fraction);
    }
}
