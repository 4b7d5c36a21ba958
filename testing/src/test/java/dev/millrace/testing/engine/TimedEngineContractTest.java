package dev.millrace.testing.engine;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.simulated.DelayScheduler;
import dev.millrace.engine.simulated.TimedEngine;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

class TimedEngineContractTest extends EngineContract {
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final DelayScheduler timer = (nanos, task) -> {
        Future<?> future = executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    };

    @Override
    protected Engine start() {
        return TimedEngine.streaming(new ModelId("simulated/contract"), 500_000, timer, NanoClock.SYSTEM);
    }

    @Override
    protected Set<Ability> abilities() {
        return EnumSet.of(Ability.EMBEDDING);
    }

    @AfterEach
    void stopTimer() {
        executor.shutdownNow();
    }
}
