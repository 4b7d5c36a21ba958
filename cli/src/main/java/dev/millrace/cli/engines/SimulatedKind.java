package dev.millrace.cli.engines;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.simulated.SimulatedModels;
import dev.millrace.server.loop.LoopDelays;
import dev.millrace.worker.LoadFailedException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/// Opens one of the simulated models, none of which is a model.
final class SimulatedKind {
    private SimulatedKind() {}

    static Engine open(ModelId model, NanoClock clock) throws LoadFailedException {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("simulated-timer").factory());
        return SimulatedModels.start(
                        model,
                        new LoopDelays(timer),
                        clock,
                        Executors.newVirtualThreadPerTaskExecutor(),
                        Thread.ofPlatform().daemon().name("engine-simulated").factory())
                .orElseThrow(() -> new LoadFailedException("no simulated model '" + model + "'", null));
    }
}
