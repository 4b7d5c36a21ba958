package dev.millrace.models.lifecycle;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the policy and does what it says. *Thread-safe*: the policy is guarded by `lock`, and nothing is called while
/// it is held but the policy and the source of models.
final class LocalPool implements ModelPool {
    private static final Logger LOG = LoggerFactory.getLogger(LocalPool.class);
    private static final String CANCELLED = "the start was cancelled";
    private static final long TICK_MILLIS = 100;
    private static final long END_SECONDS = 10;

    private final Object lock = new Object();
    private final PoolPolicy policy;
    private final ModelSource source;
    private final EngineStarter starter;
    private final NanoClock clock;
    private final LongSupplier availableBytes;
    private final Map<Start, RunningModel> running = new HashMap<>();
    private final Map<Start, Thread> starting = new HashMap<>();
    private final List<Consumer<ModelStatus>> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService timer;
    private int stopping;

    /// What listeners have not been told yet.
    private final Set<ModelId> changed = new LinkedHashSet<>();

    private boolean telling;

    private LocalPool(
            PoolSettings settings,
            ModelSource source,
            EngineStarter starter,
            NanoClock clock,
            LongSupplier availableBytes) {
        this.policy = new PoolPolicy(settings, source);
        this.source = source;
        this.starter = starter;
        this.clock = clock;
        this.availableBytes = availableBytes;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("model-pool").factory());
    }

    static LocalPool open(
            PoolSettings settings,
            ModelSource source,
            EngineStarter starter,
            NanoClock clock,
            LongSupplier availableBytes) {
        LocalPool pool = new LocalPool(settings, source, starter, clock, availableBytes);
        pool.tick();
        settings.preload().forEach(model -> pool.load(model, Demand.USUAL));
        var _ = pool.timer.scheduleWithFixedDelay(pool::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return pool;
    }

    /// One start of a model, of which there may be two for a moment: the one that was lost, and its successor.
    private record Start(ModelId model, int epoch) {}

    @Override
    public void acquire(String name, Demand demand, Claim claim) {
        ModelId model = source.resolve(name).orElse(null);
        if (model == null) {
            claim.refused(ErrorCode.MODEL_NOT_FOUND, "There is no such model here.", null);
            return;
        }
        long nowNanos = clock.nanoTime();
        PoolLease lease = null;
        List<Effect> effects = List.of();
        synchronized (lock) {
            int epoch = policy.grantNow(model, demand, nowNanos);
            if (epoch > 0) {
                lease = lease(model, epoch);
            } else {
                policy.acquire(model, demand, claim, nowNanos);
                effects = policy.take();
            }
        }
        if (lease != null) {
            claim.granted(lease);
        }
        carryOut(effects);
    }

    @Override
    public boolean withdraw(Claim claim) {
        boolean withdrawn;
        List<Effect> effects;
        synchronized (lock) {
            withdrawn = policy.withdraw(claim, clock.nanoTime());
            effects = policy.take();
        }
        carryOut(effects);
        return withdrawn;
    }

    @Override
    public void load(ModelId model, Demand demand) {
        decide(nowNanos -> policy.load(model, demand, nowNanos));
    }

    @Override
    public void unload(ModelId model) {
        decide(nowNanos -> policy.unload(model, nowNanos));
    }

    @Override
    public void cancelLoad(ModelId model) {
        decide(nowNanos -> policy.cancelLoad(model, nowNanos));
    }

    @Override
    public void pin(ModelId model) {
        decide(nowNanos -> policy.pin(model, true, nowNanos));
    }

    @Override
    public void unpin(ModelId model) {
        decide(nowNanos -> policy.pin(model, false, nowNanos));
    }

    @Override
    public List<ModelStatus> statuses() {
        List<ModelId> models = source.models();
        long nowNanos = clock.nanoTime();
        synchronized (lock) {
            return models.stream().map(model -> policy.status(model, nowNanos)).toList();
        }
    }

    @Override
    public ModelStatus status(ModelId model) {
        synchronized (lock) {
            return policy.status(model, clock.nanoTime());
        }
    }

    @Override
    public @Nullable Engine look(ModelId model) {
        synchronized (lock) {
            RunningModel here = running.get(new Start(model, policy.readyEpoch(model)));
            return here == null ? null : here.engine();
        }
    }

    @Override
    public Runnable onChange(Consumer<ModelStatus> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void close() {
        timer.shutdown();
        decide(nowNanos -> policy.close());
        awaitEmpty();
    }

    /// Models leave on threads of their own; whoever closes the pool wants to find nothing left of them.
    private void awaitEmpty() {
        long endNanos = clock.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
        synchronized (lock) {
            try {
                while (stopping > 0 || !starting.isEmpty() || !running.isEmpty()) {
                    long leftMillis = TimeUnit.NANOSECONDS.toMillis(endNanos - clock.nanoTime());
                    if (leftMillis <= 0) {
                        LOG.warn("event=models_left starting={} stopping={}", starting.size(), stopping);
                        return;
                    }
                    lock.wait(leftMillis);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void tick() {
        try {
            long readNanos = clock.nanoTime();
            long available = availableBytes.getAsLong();
            decide(nowNanos -> policy.tick(nowNanos, available, readNanos));
        } catch (RuntimeException e) {
            LOG.error("event=pool_fault", e);
        }
    }

    /// A decision at a moment.
    private interface Decision {
        void at(long nowNanos);
    }

    private void decide(Decision decision) {
        List<Effect> effects;
        synchronized (lock) {
            decision.at(clock.nanoTime());
            effects = policy.take();
        }
        carryOut(effects);
    }

    private void carryOut(List<Effect> effects) {
        if (effects.isEmpty()) {
            return;
        }
        for (Effect effect : effects) {
            try {
                carryOut(effect);
            } catch (RuntimeException | Error e) {
                // One who throws although he must not takes nothing away from the others.
                LOG.error("event=pool_fault", e);
            }
        }
        tell(effects);
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Start(ModelId model, int epoch) -> start(model, epoch);
            case Effect.CancelStart(ModelId model, int epoch) -> cancelStart(model, epoch);
            case Effect.Stop(ModelId model, int epoch) -> stop(model, epoch);
            case Effect.Discard(ModelId model, int epoch) -> discard(model, epoch);
            case Effect.Grant(Claim claim, ModelId model, int epoch) -> grant(claim, model, epoch);
            case Effect.Refuse(Claim claim, ErrorCode code, String message, Duration retryAfter) ->
                claim.refused(code, message, retryAfter);
            case Effect.Changed _ -> {}
        }
    }

    /// Tells the listeners, one thread at a time: what is seen earlier is also told earlier.
    private void tell(List<Effect> effects) {
        synchronized (lock) {
            for (Effect effect : effects) {
                if (effect instanceof Effect.Changed(ModelId model)) {
                    changed.add(model);
                }
            }
            if (telling) {
                return;
            }
            telling = true;
        }
        for (List<ModelStatus> news = news(); !news.isEmpty(); news = news()) {
            for (ModelStatus status : news) {
                listeners.forEach(listener -> tell(listener, status));
            }
        }
    }

    private List<ModelStatus> news() {
        synchronized (lock) {
            long nowNanos = clock.nanoTime();
            List<ModelStatus> news = changed.stream()
                    .map(model -> policy.status(model, nowNanos))
                    .toList();
            changed.clear();
            telling = !news.isEmpty();
            return news;
        }
    }

    private static void tell(Consumer<ModelStatus> listener, ModelStatus status) {
        try {
            listener.accept(status);
        } catch (RuntimeException | Error e) {
            LOG.error("event=pool_listener_fault", e);
        }
    }

    private void grant(Claim claim, ModelId model, int epoch) {
        PoolLease lease;
        synchronized (lock) {
            lease = lease(model, epoch);
        }
        if (lease == null) {
            // Lost between the decision and now; the policy has forgotten its users.
            claim.refused(ErrorCode.ENGINE_LOST, "The model was lost just now; try again.", Duration.ofSeconds(1));
        } else {
            claim.granted(lease);
        }
    }

    private @Nullable PoolLease lease(ModelId model, int epoch) {
        RunningModel here = running.get(new Start(model, epoch));
        return here == null ? null : new PoolLease(model, epoch, here.engine());
    }

    // --- Starting

    private void start(ModelId model, int epoch) {
        Thread thread = Thread.ofPlatform().daemon().name("load-" + model).unstarted(() -> runStart(model, epoch));
        boolean wanted;
        synchronized (lock) {
            wanted = policy.isStarting(model, epoch);
            if (wanted) {
                starting.put(new Start(model, epoch), thread);
            }
        }
        if (wanted) {
            thread.start();
        } else {
            // Cancelled by another thread before this one came to start it.
            decide(nowNanos -> policy.startEnded(model, epoch, CANCELLED, nowNanos));
        }
    }

    private void runStart(ModelId model, int epoch) {
        String failure = CANCELLED;
        RunningModel started = null;
        long residentBytes = 0;
        try {
            LOG.info("event=model_load model={} epoch={}", model, epoch);
            started = starter.start(
                    model, (phase, fraction) -> decide(nowNanos -> policy.progress(model, epoch, phase, fraction)));
            residentBytes = started.residentBytes();
        } catch (ModelLoadFailedException e) {
            failure = String.valueOf(e.getMessage());
            LOG.error("event=model_failed model={} reason=\"{}\"", model, failure);
        } catch (InterruptedException e) {
            LOG.info("event=model_load_cancelled model={}", model);
        } catch (RuntimeException | Error e) {
            // Whatever it was: a start that nobody ends would keep its waiters and its memory.
            failure = "a fault of the server; its log says more";
            LOG.error("event=model_failed model={}", model, e);
        }
        if (started == null) {
            failed(model, epoch, failure);
        } else {
            settle(model, epoch, started, residentBytes);
        }
    }

    private void failed(ModelId model, int epoch, String failure) {
        decide(nowNanos -> {
            starting.remove(new Start(model, epoch));
            policy.startEnded(model, epoch, failure, nowNanos);
            lock.notifyAll();
        });
    }

    private void settle(ModelId model, int epoch, RunningModel started, long residentBytes) {
        boolean accepted;
        List<Effect> effects;
        synchronized (lock) {
            starting.remove(new Start(model, epoch));
            // Nothing below is to be disturbed by a cancellation that comes too late.
            boolean _ = Thread.interrupted();
            running.put(new Start(model, epoch), started);
            accepted = policy.started(model, epoch, residentBytes, clock.nanoTime());
            effects = policy.take();
        }
        if (accepted) {
            LOG.info("event=model_ready model={} epoch={} resident_bytes={}", model, epoch, residentBytes);
            // Before anybody gets it: one that is lost already must be known as such when they ask again.
            var _ = started.lost().thenAccept(reason -> lost(model, epoch, reason));
        }
        carryOut(effects);
        if (!accepted) {
            close(model, epoch, () -> decide(nowNanos -> policy.startEnded(model, epoch, CANCELLED, nowNanos)));
        }
    }

    private void cancelStart(ModelId model, int epoch) {
        synchronized (lock) {
            Thread thread = starting.get(new Start(model, epoch));
            if (thread != null) {
                thread.interrupt();
            }
        }
        LOG.info("event=model_load_dropped model={} epoch={}", model, epoch);
    }

    // --- Stopping

    private void stop(ModelId model, int epoch) {
        close(model, epoch, () -> {
            LOG.info("event=model_unloaded model={} epoch={}", model, epoch);
            decide(nowNanos -> policy.stopped(model, epoch, nowNanos));
        });
    }

    private void discard(ModelId model, int epoch) {
        close(model, epoch, () -> {});
    }

    private void close(ModelId model, int epoch, Runnable closed) {
        RunningModel leaving;
        synchronized (lock) {
            leaving = running.remove(new Start(model, epoch));
            stopping++;
        }
        Thread.ofPlatform().daemon().name("unload-" + model).start(() -> {
            try {
                if (leaving != null) {
                    leaving.close();
                }
            } catch (RuntimeException e) {
                LOG.error("event=unload_fault model={}", model, e);
            } finally {
                try {
                    closed.run();
                } finally {
                    synchronized (lock) {
                        stopping--;
                        lock.notifyAll();
                    }
                }
            }
        });
    }

    private void lost(ModelId model, int epoch, String reason) {
        boolean unasked;
        synchronized (lock) {
            unasked = policy.readyEpoch(model) == epoch;
        }
        if (unasked) {
            LOG.warn("event=model_lost model={} epoch={} reason=\"{}\"", model, epoch, reason);
        }
        decide(nowNanos -> policy.lost(model, epoch, reason, nowNanos));
    }

    /// Gives its model back once.
    private final class PoolLease implements Lease {
        private final ModelId model;
        private final int epoch;
        private final Engine engine;
        private final AtomicBoolean released = new AtomicBoolean();

        PoolLease(ModelId model, int epoch, Engine engine) {
            this.model = model;
            this.epoch = epoch;
            this.engine = engine;
        }

        @Override
        public Engine engine() {
            return engine;
        }

        @Override
        public ModelId model() {
            return model;
        }

        @Override
        public void release() {
            if (released.compareAndSet(false, true)) {
                decide(nowNanos -> policy.release(model, epoch, nowNanos));
            }
        }
    }
}
