package dev.millrace.cli.engines;

import dev.millrace.cli.console.Places;
import dev.millrace.core.time.NanoClock;
import dev.millrace.worker.EngineOpener;
import dev.millrace.worker.process.WorkerLauncher;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneId;

/// The engines as the server composes them, for benchmarks.
public final class BenchEngines {
    private BenchEngines() {}

    /// Starts workers of this program.
    public static WorkerLauncher launcher() throws IOException {
        return new WorkerLauncher(
                WorkerCommandLine.of(Places.ofThisProcess(System.getenv()), System.getenv()),
                NanoClock.SYSTEM,
                new SecureRandom());
    }

    /// Opens engines in this process.
    public static EngineOpener inside() {
        return new EngineKinds(notice -> {}, NanoClock.SYSTEM, Clock.system(ZoneId.systemDefault()));
    }
}
