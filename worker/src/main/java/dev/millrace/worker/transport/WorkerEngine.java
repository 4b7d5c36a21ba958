package dev.millrace.worker.transport;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationEvent.Terminal;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.Timings;
import dev.millrace.engine.TokenLogprob;
import dev.millrace.engine.Usage;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadListener;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.LoadPhase;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server's end of a session: an engine that runs in a worker process. *Thread-safe.*
///
/// Each start of a worker has an engine object of its own, and once that is lost it delivers nothing more:
/// this is the epoch that keeps
/// late tokens of a process that was given up from everyone.
public final class WorkerEngine implements Engine {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerEngine.class);
    /// The reason of an engine that was closed, not lost.
    public static final String CLOSED = "closed";

    /// The reason of a worker whose connection ended without a word.
    public static final String SESSION_ENDED = "the worker ended its session";

    private static final String LOST = "the engine stopped while the request was in it; try again";
    private static final ModelDescription NO_MODEL =
            new ModelDescription(new dev.millrace.core.id.ModelId("none"), "", 0, 0, 0, false);

    private final EventLoop loop;
    private final NanoClock clock;
    private final LoadListener listener;
    private final Map<Integer, RemoteGeneration> generations = new ConcurrentHashMap<>();
    private final AtomicInteger handles = new AtomicInteger();
    private final ProgressWatch watch = new ProgressWatch();
    private final RemoteGeneration.WorkerCalls calls = new Calls();
    private final Object sending = new Object();
    private final CompletableFuture<WorkerEngine> opened = new CompletableFuture<>();
    private final CompletableFuture<String> lost = new CompletableFuture<>();
    private volatile ModelDescription model = NO_MODEL;
    private volatile EngineStatus status = EngineStatus.IDLE;
    private volatile long residentBytes;
    private @Nullable ClientCall<Frame, Frame> call;
    private @Nullable ScheduledFuture<?> probes;
    private int probe;

    WorkerEngine(EventLoop loop, NanoClock clock, LoadListener listener) {
        this.loop = loop;
        this.clock = clock;
        this.listener = listener;
    }

    /// Opens the session and orders the model.
    void open(ClientCall<Frame, Frame> session, String secret, LoadOrder order) {
        Metadata headers = new Metadata();
        headers.put(SessionMethod.SECRET, secret);
        synchronized (sending) {
            call = session;
            session.start(new Incoming(session), headers);
            session.request(1);
            session.sendMessage(Commands.open(order));
        }
        probes = loop.scheduleAtFixedRate(
                this::look, ProgressWatch.PERIOD_NANOS, ProgressWatch.PERIOD_NANOS, TimeUnit.NANOSECONDS);
    }

    /// Completed with this engine once its model is loaded; fails with [LoadFailedException].
    public CompletableFuture<WorkerEngine> opened() {
        return opened.copy();
    }

    @Override
    public ModelDescription model() {
        return model;
    }

    @Override
    public EngineStatus status() {
        // The last report may arrive while the engine is being given up.
        return lost.isDone() ? EngineStatus.IDLE : status;
    }

    /// Memory of the worker process when it last said so; 0 if unknown.
    public long residentBytes() {
        return residentBytes;
    }

    /// Completed with the reason, for people, when the worker is gone or was given up.
    public CompletionStage<String> lost() {
        return lost.copy();
    }

    @Override
    public Generation submit(GenerationRequest request, Runnable onAvailable) {
        int handle = handles.incrementAndGet();
        RemoteGeneration generation = new RemoteGeneration(request.id(), handle, calls, onAvailable);
        generations.put(handle, generation);
        send(Commands.submit(handle, request));
        if (lost.isDone()) {
            // It may have been lost between the two lines above, when nobody ended this one.
            end(generation);
        }
        return generation;
    }

    @Override
    public void close() {
        lose(CLOSED);
    }

    /// Gives the worker up: whatever runs on it ends with an error, and nothing more comes from it.
    public void lose(String reason) {
        if (!lost.complete(reason)) {
            return;
        }
        opened.completeExceptionally(new LoadFailedException(reason, null));
        if (probes != null) {
            probes.cancel(false);
        }
        synchronized (sending) {
            if (call != null) {
                call.cancel(reason, null);
            }
        }
        // On the loop, for it alone fills the rings; but one that was shut down takes nothing any more.
        if (loop.inEventLoop() || loop.isShuttingDown()) {
            generations.values().forEach(this::end);
        } else {
            loop.execute(() -> generations.values().forEach(this::end));
        }
    }

    private void end(RemoteGeneration generation) {
        generation.outbox().end(new GenerationEvent.Failed(ErrorCode.ENGINE_LOST, LOST, Usage.NONE, Timings.NONE));
        generations.values().remove(generation);
    }

    private void send(Frame frame) {
        synchronized (sending) {
            if (call != null && !lost.isDone()) {
                call.sendMessage(frame);
            }
        }
    }

    private void look() {
        long nowNanos = clock.nanoTime();
        String wrong = watch.look(nowNanos);
        if (wrong != null) {
            lose(wrong);
        } else {
            watch.probed(nowNanos);
            send(Commands.probe(++probe));
        }
    }

    private final class Calls implements RemoteGeneration.WorkerCalls {
        @Override
        public void cancel(int handle) {
            send(Commands.cancel(handle));
        }

        @Override
        public void credit(int handle, int tokens) {
            send(Commands.credit(handle, tokens));
        }
    }

    /// What comes from the worker. *Confined to the loop.*
    private final class Incoming extends ClientCall.Listener<Frame> implements Reports.Receiver {
        private final ClientCall<Frame, Frame> session;

        Incoming(ClientCall<Frame, Frame> session) {
            this.session = session;
        }

        @Override
        public void onMessage(Frame frame) {
            if (lost.isDone()) {
                return;
            }
            try {
                Reports.read(frame, this);
                session.request(1);
            } catch (BrokenFrameException e) {
                LOG.error("event=broken_frame model={} reason=\"{}\"", model.id(), e.getMessage());
                lose("the worker sent what nobody can read");
            }
        }

        @Override
        public void onClose(Status end, Metadata trailers) {
            lose(SESSION_ENDED);
        }

        @Override
        public void loading(LoadPhase phase, float fraction) {
            listener.at(phase, fraction);
        }

        @Override
        public void opened(ModelDescription description, Vitals vitals) {
            model = description;
            note(vitals);
            opened.complete(WorkerEngine.this);
        }

        @Override
        public void openFailed(String message) {
            opened.completeExceptionally(new LoadFailedException(message, null));
            lose(message);
        }

        @Override
        public void progress(int handle, GenerationEvent event) {
            RemoteGeneration generation = generations.get(handle);
            if (generation != null) {
                generation.outbox().progress(event);
            }
        }

        @Override
        public void token(int handle, int tokenId, byte[] text, @Nullable TokenLogprob logprob) {
            RemoteGeneration generation = generations.get(handle);
            if (generation == null) {
                return;
            }
            if (generation.outbox().isFull()) {
                throw new BrokenFrameException("a token nobody has room for");
            }
            generation.outbox().text(text, text.length);
            generation.outbox().token(tokenId, logprob);
        }

        @Override
        public void ended(int handle, Terminal event) {
            RemoteGeneration generation = generations.remove(handle);
            if (generation != null) {
                generation.outbox().end(event);
            }
        }

        @Override
        public void vitals(Vitals vitals) {
            note(vitals);
            watch.answered(clock.nanoTime(), vitals.status());
        }

        private void note(Vitals vitals) {
            status = vitals.status();
            residentBytes = vitals.residentBytes();
        }
    }
}
