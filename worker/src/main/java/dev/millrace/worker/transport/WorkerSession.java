package dev.millrace.worker.transport;

import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Engine;
import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.worker.EngineOpener;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.LoadPhase;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker's end of a session. *Confined to the event loop*, except what says otherwise.
///
/// Whatever becomes ready while a drain is on its way goes into the same frame: a step of sixteen sequences
/// wakes the loop once and is one
/// message.
final class WorkerSession implements Commands.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerSession.class);

    private final Executor loop;
    private final EngineOpener opener;
    private final LongSupplier residentBytes;
    private final Consumer<Frame> out;
    private final FrameWriter frame = new FrameWriter();
    private final Map<Integer, Forwarding> forwarders = new HashMap<>();
    private final Queue<Forwarding> ready = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean drainComing = new AtomicBoolean();
    private @Nullable Thread loading;
    private @Nullable Engine engine;
    private EngineStatus reported = EngineStatus.IDLE;
    private int lastProbe;
    private long lastResidentBytes;
    private boolean ended;

    /// @param residentBytes memory of this process
    /// @param out sends a frame; called on the loop
    WorkerSession(Executor loop, EngineOpener opener, LongSupplier residentBytes, Consumer<Frame> out) {
        this.loop = loop;
        this.opener = opener;
        this.residentBytes = residentBytes;
        this.out = out;
    }

    @Override
    public void open(LoadOrder order) {
        if (loading != null) {
            throw new BrokenFrameException("a second order to load");
        }
        loading = Thread.ofPlatform().daemon().name("load-" + order.model()).start(() -> load(order));
    }

    /// On the loading thread.
    private void load(LoadOrder order) {
        try {
            Engine opened = opener.open(order, (phase, fraction) -> loop.execute(() -> progress(phase, fraction)));
            loop.execute(() -> opened(opened));
        } catch (LoadFailedException e) {
            loop.execute(() -> failed(String.valueOf(e.getMessage())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | LinkageError e) {
            LOG.error("event=load_fault model={}", order.model(), e);
            loop.execute(() -> failed("a fault of the worker; the server's log says more"));
        }
    }

    private void progress(LoadPhase phase, float fraction) {
        Reports.loading(frame, phase, fraction);
        send();
    }

    private void opened(Engine opened) {
        if (ended) {
            opened.close();
            return;
        }
        engine = opened;
        lastResidentBytes = residentBytes.getAsLong();
        Reports.opened(frame, opened.model(), new Vitals(0, opened.status(), lastResidentBytes));
        send();
    }

    private void failed(String message) {
        Reports.openFailed(frame, message);
        send();
    }

    @Override
    public void submit(int handle, GenerationRequest request) {
        Forwarder forwarder = new Forwarder(handle);
        forwarders.put(handle, forwarder);
        forwarder.follow(running().submit(request, () -> available(forwarder)));
        available(forwarder);
    }

    @Override
    public void embed(int handle, EmbeddingRequest request) {
        EmbeddingForwarder forwarder = new EmbeddingForwarder(handle);
        forwarders.put(handle, forwarder);
        forwarder.follow(running().embed(request, () -> available(forwarder)));
        available(forwarder);
    }

    private Engine running() {
        Engine running = engine;
        if (running == null) {
            throw new BrokenFrameException("a request before the model was loaded");
        }
        return running;
    }

    /// On any thread.
    private void available(Forwarding forwarder) {
        if (forwarder.claim()) {
            ready.add(forwarder);
            if (drainComing.compareAndSet(false, true)) {
                loop.execute(this::drain);
            }
        }
    }

    private void drain() {
        drainComing.set(false);
        boolean someEnded = false;
        for (Forwarding next = ready.poll(); next != null; next = ready.poll()) {
            switch (next.forward(frame)) {
                case WAITING -> {}
                case FRAME_FULL -> {
                    send();
                    available(next);
                }
                case ENDED -> {
                    forwarders.remove(next.handle());
                    someEnded = true;
                }
            }
        }
        reportStatus(someEnded);
        send();
    }

    /// Whoever waits for a slot to be free wants to see it now, not with the next probe.
    private void reportStatus(boolean someEnded) {
        EngineStatus now = engine == null ? EngineStatus.IDLE : engine.status();
        boolean moved = now.runningSequences() != reported.runningSequences()
                || now.waitingSequences() != reported.waitingSequences();
        if (moved || someEnded) {
            vitals(now);
        }
    }

    private void vitals(EngineStatus status) {
        reported = status;
        Reports.vitals(frame, new Vitals(lastProbe, status, lastResidentBytes));
    }

    private void send() {
        if (!frame.isEmpty() && !ended) {
            out.accept(frame.take());
        }
    }

    @Override
    public void cancel(int handle) {
        Forwarding forwarder = forwarders.get(handle);
        if (forwarder != null) {
            forwarder.cancel();
        }
    }

    @Override
    public void credit(int handle, int tokens) {
        Forwarding forwarder = forwarders.get(handle);
        if (forwarder != null) {
            forwarder.credit(tokens);
            available(forwarder);
        }
    }

    @Override
    public void probe(int number) {
        lastProbe = number;
        lastResidentBytes = residentBytes.getAsLong();
        vitals(engine == null ? EngineStatus.IDLE : engine.status());
        send();
    }

    /// The server has gone, or wants no more.
    void end() {
        ended = true;
        if (loading != null) {
            loading.interrupt();
        }
        if (engine != null) {
            engine.close();
        }
    }
}
