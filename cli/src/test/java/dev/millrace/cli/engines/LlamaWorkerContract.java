package dev.millrace.cli.engines;

import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Engine;
import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.ModelDescription;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.testing.engine.EngineContract;
import dev.millrace.worker.process.RunningWorker;
import dev.millrace.worker.process.WorkerLauncher;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// The engine contract on real llama.cpp in a worker process of this very program. It lacks what llama.cpp lacks in
/// process: logits depend a little on the shape of the batch. While a test runs, the worker of the next one starts.
@TestInstance(Lifecycle.PER_CLASS)
abstract class LlamaWorkerContract extends EngineContract {
    private final ExecutorService starting = Executors.newVirtualThreadPerTaskExecutor();
    private final NativeAbi abi;
    private @Nullable Future<Engine> next;

    LlamaWorkerContract(NativeAbi abi) {
        this.abi = abi;
    }

    @Override
    protected Engine start() throws Exception {
        Future<Engine> started = next == null ? starting.submit(this::startOne) : next;
        next = starting.submit(this::startOne);
        return started.get();
    }

    private Engine startOne() throws Exception {
        WorkerLauncher launcher = RealWorkers.launcher();
        return new WithProcess(
                launcher, launcher.start(RealWorkers.order(RealWorkers.DEMO, abi), (phase, fraction) -> {}));
    }

    @AfterAll
    void endTheOneThatNobodyNeeds() throws Exception {
        if (next != null) {
            next.get().close();
        }
        starting.close();
    }

    @Override
    protected Set<Ability> abilities() {
        return EnumSet.of(Ability.BATCHING, Ability.STOPPING, Ability.SHARED_PREFIXES, Ability.EMBEDDING);
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
