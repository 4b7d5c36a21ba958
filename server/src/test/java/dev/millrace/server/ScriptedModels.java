package dev.millrace.server;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.Engine;
import dev.millrace.engine.FinishReason;
import dev.millrace.models.lifecycle.EngineStarter;
import dev.millrace.models.lifecycle.LoadListener;
import dev.millrace.models.lifecycle.LoadPhase;
import dev.millrace.models.lifecycle.MemoryNeed;
import dev.millrace.models.lifecycle.ModelLoadFailedException;
import dev.millrace.models.lifecycle.ModelSource;
import dev.millrace.models.lifecycle.RunningModel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The model `warm`, which is there at once, and `cold`, whose test says when each start ends and how. Like real
/// starters it is half way through the weights while it waits, and gives up when it is interrupted. *Thread-safe.*
final class ScriptedModels implements ModelSource, EngineStarter {
    static final long BYTES = 1 << 20;

    private final Semaphore gate = new Semaphore(0);
    private final AtomicInteger starts = new AtomicInteger();
    private final BlockingQueue<Running> running = new LinkedBlockingQueue<>();
    private final List<ModelId> offered;
    private volatile @Nullable String failure;
    private volatile FakeEngine.@Nullable Script script =
            call -> call.queued().prefilling().token("hi").finished(FinishReason.STOP);

    private ScriptedModels(String... names) {
        offered = Arrays.stream(names).map(ModelId::new).toList();
    }

    /// Readiness is about `warm`.
    static ScriptedModels warmFirst() {
        return new ScriptedModels("warm", "cold");
    }

    /// Readiness is about `cold`.
    static ScriptedModels coldFirst() {
        return new ScriptedModels("cold", "warm");
    }

    /// Engines of `cold` do this with each request; `null` leaves it to the test.
    ScriptedModels playing(FakeEngine.@Nullable Script everyCall) {
        script = everyCall;
        return this;
    }

    /// The next start of `cold` goes on to its end.
    void open() {
        gate.release();
    }

    /// Starts of `cold` end in this failure, or in none.
    void failing(@Nullable String reason) {
        failure = reason;
    }

    /// Starts of `cold` up to now.
    int starts() {
        return starts.get();
    }

    /// The next engine of `cold` that came up.
    Running next() throws InterruptedException {
        Running next = running.poll(10, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no engine came up");
        }
        return next;
    }

    @Override
    public List<ModelId> models() {
        return offered;
    }

    @Override
    public boolean has(ModelId model) {
        return models().contains(model);
    }

    @Override
    public Optional<ModelId> resolve(String name) {
        String known = name.equals("alias") ? "cold" : name;
        return models().stream().filter(model -> model.value().equals(known)).findFirst();
    }

    @Override
    public MemoryNeed estimate(ModelId model) {
        return new MemoryNeed(BYTES, 0, 0, 0);
    }

    @Override
    public RunningModel start(ModelId model, LoadListener listener)
            throws ModelLoadFailedException, InterruptedException {
        if (model.value().equals("warm")) {
            return new Running(
                    new FakeEngine("warm").playing(call -> call.token("hi").finished(FinishReason.STOP)));
        }
        starts.incrementAndGet();
        listener.at(LoadPhase.LOADING, 0.5f);
        gate.acquire();
        String reason = failure;
        if (reason != null) {
            throw new ModelLoadFailedException(reason);
        }
        FakeEngine engine = new FakeEngine("cold");
        FakeEngine.Script today = script;
        Running started = new Running(today == null ? engine : engine.playing(today));
        running.add(started);
        return started;
    }

    /// An engine that came up.
    static final class Running implements RunningModel {
        private static final int MAX_LOOKS = 10_000;
        private static final long LOOK_NANOS = 1_000_000;

        private final FakeEngine engine;
        private final CompletableFuture<String> lost = new CompletableFuture<>();

        Running(FakeEngine engine) {
            this.engine = engine;
        }

        FakeEngine fake() {
            return engine;
        }

        /// The engine dies: like the real one it says so before its requests end.
        void die() {
            lose();
            engine.close();
        }

        /// The first half of dying: its requests have not ended yet. An engine that dies before the pool listens is
        /// another matter.
        void lose() {
            for (int i = 0; i < MAX_LOOKS && lost.getNumberOfDependents() == 0; i++) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
            lost.complete("the process ended with status 139");
        }

        @Override
        public Engine engine() {
            return engine;
        }

        @Override
        public long residentBytes() {
            return BYTES;
        }

        @Override
        public CompletionStage<String> lost() {
            return lost;
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
