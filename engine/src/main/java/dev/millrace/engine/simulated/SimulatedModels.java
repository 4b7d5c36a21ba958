package dev.millrace.engine.simulated;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.batch.BatchEngine;
import dev.millrace.engine.batch.ModelBackend;
import dev.millrace.engine.batch.StepBudget;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/// The fixed simulated models, so that measurements made at different times mean the same.
public final class SimulatedModels {
    /// The whole answer at once.
    public static final ModelId ZERO = new ModelId("simulated/0ms");
    /// The whole answer after 5 ms.
    public static final ModelId FIVE = new ModelId("simulated/5ms");
    /// 50 tokens, 20 ms apart.
    public static final ModelId STREAM = new ModelId("simulated/stream");
    /// The cost model of a small machine behind the real scheduler.
    public static final ModelId BATCH = new ModelId("simulated/batch");
    /// As [#STREAM], but it takes 5 s to load.
    public static final ModelId SLOW = new ModelId("simulated/slow-load");

    private static final Duration GAP = Duration.ofMillis(20);
    private static final Duration WHOLE = Duration.ofMillis(5);
    private static final Duration SLOW_LOAD = Duration.ofSeconds(5);
    private static final ModelBackend.Limits BATCH_LIMITS = new ModelBackend.Limits(8_192, 32_768, 32, 16, 512);

    private SimulatedModels() {}

    /// How long whoever loads it has to wait before it calls [#start]: zero for all but one.
    public static Duration loadTime(ModelId model) {
        return model.equals(SLOW) ? SLOW_LOAD : Duration.ZERO;
    }

    /// Starts one of them.
    ///
    /// @param timer for the timed ones
    /// @param preparing and `threads`: for the batching one, see [BatchEngine#start]
    /// @return the engine; empty if there is no simulated model of this name
    public static Optional<Engine> start(
            ModelId model, DelayScheduler timer, NanoClock clock, Executor preparing, ThreadFactory threads) {
        if (model.equals(ZERO)) {
            return Optional.of(TimedEngine.whole(ZERO, 0, timer, clock));
        }
        if (model.equals(FIVE)) {
            return Optional.of(TimedEngine.whole(FIVE, WHOLE.toNanos(), timer, clock));
        }
        if (model.equals(STREAM) || model.equals(SLOW)) {
            return Optional.of(TimedEngine.streaming(model, GAP.toNanos(), timer, clock));
        }
        return model.equals(BATCH) ? Optional.of(batch(clock, preparing, threads)) : Optional.empty();
    }

    private static Engine batch(NanoClock clock, Executor preparing, ThreadFactory threads) {
        SimulatedBackend backend = new SimulatedBackend(
                BATCH,
                BATCH_LIMITS,
                SimulatedCost.SMALL_MACHINE,
                SimulatedFaults.NONE,
                TimedEngine.ANSWER_TOKENS,
                Pace.real(clock));
        return BatchEngine.start(backend.asLoaded(), StepBudget.DEFAULT, clock, preparing, threads)
                .join();
    }
}
