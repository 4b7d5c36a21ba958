package dev.millrace.worker.process;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.testing.engine.EngineContract;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/// The engine contract through a worker process, a socket and back, as it is for engines in the same process.
class WorkerContractIT extends EngineContract {
    private @Nullable WorkerLauncher launcher;
    private @Nullable RunningWorker worker;

    @Override
    protected Engine start() throws Exception {
        launcher = new WorkerLauncher(StubWorker.command(), NanoClock.SYSTEM, new SecureRandom());
        worker = launcher.start(StubWorker.order(StubWorker.GOOD), (phase, fraction) -> {});
        return worker.engine();
    }

    @AfterEach
    void endProcess() {
        if (worker != null) {
            worker.close();
        }
        if (launcher != null) {
            launcher.close();
        }
    }

    @Override
    protected Set<Ability> abilities() {
        return EnumSet.allOf(Ability.class);
    }
}
