package dev.millrace.worker.process;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Engine;
import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.ModelDescription;
import dev.millrace.testing.engine.EngineContract;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;

/// The engine contract through a worker process, a socket and back, as it is for engines in the same process.
class WorkerContractIT extends EngineContract {
    @Override
    protected Engine start() throws Exception {
        WorkerLauncher launcher =
                new WorkerLauncher(StubWorker.command(), NanoClock.SYSTEM, new SecureRandom(), StartingRoom.NONE);
        return new WithProcess(launcher, launcher.start(StubWorker.order(StubWorker.GOOD), (phase, fraction) -> {}));
    }

    @Override
    protected Set<Ability> abilities() {
        return EnumSet.allOf(Ability.class);
    }

    /// Ends the process with its engine: the contract looks at the engine after each test, and closes it then.
    private record WithProcess(WorkerLauncher launcher, RunningWorker worker) implements Engine {
        @Override
        public ModelDescription model() {
            return worker.engine().model();
        }

        @Override
        public EngineStatus status() {
            return worker.engine().status();
        }

        @Override
        public Generation submit(GenerationRequest request, Runnable onAvailable) {
            return worker.engine().submit(request, onAvailable);
        }

        @Override
        public Embedding embed(EmbeddingRequest request, Runnable onAvailable) {
            return worker.engine().embed(request, onAvailable);
        }

        @Override
        public void close() {
            worker.close();
            launcher.close();
        }
    }
}
