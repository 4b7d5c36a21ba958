package dev.millrace.engine.batch;

import dev.millrace.engine.schedule.StepCost;

/// Makes a backend. Called on the engine thread, so that loading, warm-up and every step happen on one and the same
/// platform thread (some builds of llama.cpp are several times slower otherwise).
@FunctionalInterface
public interface BackendFactory {
    /// Loads the model; may take long.
    ///
    /// @throws Exception if it cannot be loaded; the message is for people
    Loaded load() throws Exception;

    /// @param cost what a step costs, as measured at warm-up
    record Loaded(ModelBackend backend, StepCost cost) {}
}
