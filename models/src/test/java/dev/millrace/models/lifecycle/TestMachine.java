package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.Engine;
import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.ModelDescription;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Starts models that do nothing, the way the test says. Keeps of the real thing: starts block, on threads of their
/// own, and are interrupted; models are lost by themselves. *Thread-safe.*
final class TestMachine implements EngineStarter {
    static final long PATIENCE_SECONDS = 20;

    private final Start way;
    private final AtomicInteger begun = new AtomicInteger();
    private final List<Running> all = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Running> started = new LinkedBlockingQueue<>();

    /// What a start does before its model is in memory.
    interface Start {
        void run(ModelId model, LoadListener listener) throws ModelLoadFailedException, InterruptedException;
    }

    TestMachine(Start way) {
        this.way = way;
    }

    @Override
    public RunningModel start(ModelId model, LoadListener listener)
            throws ModelLoadFailedException, InterruptedException {
        begun.incrementAndGet();
        way.run(model, listener);
        Running running = new Running(model);
        all.add(running);
        started.add(running);
        return running;
    }

    int begun() {
        return begun.get();
    }

    /// Every model that ever was in memory.
    List<Running> all() {
        return all;
    }

    Running nextStarted() throws InterruptedException {
        Running running = started.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (running == null) {
            throw new AssertionError("nothing was started");
        }
        return running;
    }

    /// A model in memory.
    static final class Running implements RunningModel, Engine {
        private final ModelId model;
        final CompletableFuture<String> lost = new CompletableFuture<>();
        final CompletableFuture<Boolean> closed = new CompletableFuture<>();

        Running(ModelId model) {
            this.model = model;
        }

        @Override
        public Engine engine() {
            return this;
        }

        @Override
        public long residentBytes() {
            return 0;
        }

        @Override
        public CompletionStage<String> lost() {
            return lost;
        }

        @Override
        public ModelDescription model() {
            return new ModelDescription(model, "fake", 1, 0, 0, true);
        }

        @Override
        public EngineStatus status() {
            return EngineStatus.IDLE;
        }

        @Override
        public Generation submit(GenerationRequest request, Runnable onAvailable) {
            throw new UnsupportedOperationException("nothing is generated here");
        }

        @Override
        public void close() {
            closed.complete(Thread.currentThread().isInterrupted());
        }
    }
}
