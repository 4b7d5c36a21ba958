package dev.millrace.cli.engines;

import dev.millrace.cli.console.Places;
import dev.millrace.core.time.NanoClock;
import dev.millrace.llama.Cores;
import dev.millrace.models.lifecycle.MemoryNeed;
import dev.millrace.server.config.EngineConfig;
import dev.millrace.worker.EngineOpener;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.process.StartingRoom;
import dev.millrace.worker.process.WorkerLauncher;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneId;

/// The engines as the server composes them, for benchmarks.
public final class BenchEngines {
    private BenchEngines() {}

    /// Starts workers from the distribution, as a server does that was installed.
    ///
    /// @param shareCores as the server has it by default
    public static WorkerLauncher launcher(boolean shareCores) throws IOException {
        return new WorkerLauncher(
                WorkerCommandLine.ofDistribution(Places.ofThisProcess(System.getenv()), shareCores, System.getenv()),
                NanoClock.SYSTEM,
                new SecureRandom(),
                StartingRoom.NONE);
    }

    /// What the server expects a model to take in a worker, before it ever loaded it.
    public static MemoryNeed expected(LoadOrder order) {
        return new MemoryNeeds(new EngineConfig(
                        EngineConfig.Kind.LLAMA,
                        order.slots(),
                        order.contextTokens(),
                        order.threads(),
                        order.stepBudget(),
                        true,
                        true,
                        order.natives()))
                .of(order.file());
    }

    /// Opens engines in this process.
    public static EngineOpener inside() {
        return new EngineKinds(
                notice -> {}, Cores.ALONE, new TimerDelays(), NanoClock.SYSTEM, Clock.system(ZoneId.systemDefault()));
    }
}
