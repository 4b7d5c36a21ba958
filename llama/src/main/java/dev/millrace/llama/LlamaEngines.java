package dev.millrace.llama;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.batch.BackendFactory;
import dev.millrace.engine.schedule.StepCost;
import java.time.Clock;

/// Brings llama.cpp to the batching engine.
public final class LlamaEngines {
    /// Where the cost of attending to earlier tokens starts: too small to matter, and soon learnt from long prompts.
    private static final double ATTENDED_NANOS = 20;

    private LlamaEngines() {}

    /// Loads the model when the engine starts, on the engine's thread, and starts the scheduler with what the first
    /// steps cost.
    ///
    /// @param progress told how far loading is; may end it
    /// @param wall what chat templates take for the date
    public static BackendFactory factory(LlamaOptions options, ProgressListener progress, NanoClock clock, Clock wall) {
        return () -> {
            LlamaBackend backend = LlamaBackend.load(options, progress, clock, wall);
            return new BackendFactory.Loaded(backend, stepCost(backend.cost()));
        };
    }

    private static StepCost stepCost(MeasuredCost measured) {
        return new StepCost(
                measured.baseStepNanos(), measured.decodeTokenNanos(), measured.prefillTokenNanos(), ATTENDED_NANOS);
    }
}
