package dev.millrace.testing.engine;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.batch.BatchEngine;
import dev.millrace.engine.batch.ModelBackend;
import dev.millrace.engine.batch.StepBudget;
import dev.millrace.engine.simulated.Pace;
import dev.millrace.engine.simulated.SimulatedBackend;
import dev.millrace.engine.simulated.SimulatedCost;
import dev.millrace.engine.simulated.SimulatedFaults;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

class SimulatedBatchEngineContractTest extends EngineContract {
    private static final SimulatedCost QUICK =
            new SimulatedCost(Duration.ofNanos(200_000), Duration.ofNanos(1_000), 1_000_000);

    @Override
    protected Engine start() {
        var backend = new SimulatedBackend(
                new ModelId("simulated/contract"),
                new ModelBackend.Limits(256, 1_024, 6, 4, 64),
                QUICK,
                SimulatedFaults.NONE,
                50,
                Pace.real(NanoClock.SYSTEM));
        return BatchEngine.start(
                        backend.asLoaded(),
                        StepBudget.DEFAULT,
                        NanoClock.SYSTEM,
                        task -> Thread.ofVirtual().start(task),
                        Thread.ofPlatform().name("engine").factory())
                .join();
    }

    @Override
    protected Set<Ability> abilities() {
        return EnumSet.allOf(Ability.class);
    }
}
