package dev.millrace.cli.engines;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.simulated.DelayScheduler;
import dev.millrace.engine.simulated.SimulatedModels;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadListener;
import dev.millrace.worker.LoadPhase;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Opens simulated models, none of which is a model. *Thread-safe.*
final class SimulatedKind {
    private static final int LOADING_STEPS = 100;

    private final NanoClock clock;
    private final DelayScheduler delays;

    /// @param delays make simulated tokens take time; shared by all engines, which do not end it
    SimulatedKind(DelayScheduler delays, NanoClock clock) {
        this.delays = delays;
        this.clock = clock;
    }

    Engine open(ModelId model, LoadListener listener) throws LoadFailedException, InterruptedException {
        load(SimulatedModels.loadTime(model).toNanos(), listener);
        return SimulatedModels.start(
                        model,
                        delays,
                        clock,
                        Executors.newVirtualThreadPerTaskExecutor(),
                        Thread.ofPlatform().daemon().name("engine-simulated").factory())
                .orElseThrow(() -> new LoadFailedException("no simulated model '" + model + "'", null));
    }

    /// Lets the time of a load pass, in steps that can be seen.
    private void load(long nanos, LoadListener listener) throws InterruptedException {
        long startNanos = clock.nanoTime();
        CountDownLatch never = new CountDownLatch(1);
        for (int step = 1; nanos > 0 && step <= LOADING_STEPS; step++) {
            long endNanos = startNanos + nanos / LOADING_STEPS * step;
            boolean _ = never.await(endNanos - clock.nanoTime(), TimeUnit.NANOSECONDS);
            listener.at(LoadPhase.LOADING, (float) step / LOADING_STEPS);
        }
    }
}
