package dev.millrace.worker.transport;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingRequest;
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
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
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

    private final NanoClock clock;
    private final LoadListener listener;
    private final Map<Integer, RemoteGeneration> generations = new ConcurrentHashMap<>();
    private final Map<Integer, RemoteEmbedding> embeddings = new ConcurrentHashMap<>();
    private final AtomicInteger handles = new AtomicInteger();
    private final ProgressWatch watch = new ProgressWatch();
    private final RemoteGeneration.WorkerCalls calls = new Calls();
    /// Writes what callers send, for a worker that stands still takes nothing, and no caller may wait for that.
    private final ExecutorService sender = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("to-worker").factory());

    private final CompletableFuture<WorkerEngine> opened = new CompletableFuture<>();
    private final CompletableFuture<String> lost = new CompletableFuture<>();
    private volatile ModelDescription model = NO_MODEL;
    private volatile EngineStatus status = EngineStatus.IDLE;
    private volatile long residentBytes;
    private volatile @Nullable FrameChannel channel;
    private volatile @Nullable ScheduledFuture<?> probes;
    /// The reading thread has told all who waited and will tell nobody any more.
    private volatile boolean swept;

    private int probe;

    WorkerEngine(NanoClock clock, LoadListener listener) {
        this.clock = clock;
        this.listener = listener;
    }

    /// Opens the session and orders the model.
    ///
    /// @param connected closed with this engine
    void open(FrameChannel connected, ScheduledExecutorService scheduler, String secret, LoadOrder order) {
        channel = connected;
        send(Commands.secret(secret));
        send(Commands.open(order));
        ScheduledFuture<?> looks = scheduler.scheduleAtFixedRate(
                this::look, ProgressWatch.PERIOD_NANOS, ProgressWatch.PERIOD_NANOS, TimeUnit.NANOSECONDS);
        probes = looks;
        if (lost.isDone()) {
            // It may have been lost when there was nothing to cancel.
            looks.cancel(false);
        }
        Thread.ofPlatform().daemon().name("from-worker").start(() -> listen(connected));
    }

    /// On the reading thread, which alone fills the rings of generations.
    private void listen(FrameChannel connected) {
        Incoming incoming = new Incoming();
        try {
            for (Frame frame = connected.read(Frame.MAX_BYTES);
                    frame != null && !lost.isDone();
                    frame = connected.read(Frame.MAX_BYTES)) {
                Reports.read(frame, incoming);
            }
        } catch (BrokenFrameException e) {
            LOG.error("event=broken_frame model={} reason=\"{}\"", model.id(), e.getMessage());
            lose("the worker sent what nobody can read");
        } catch (IOException e) {
            LOG.debug("event=session_ended model={}", model.id(), e);
        } finally {
            lose(SESSION_ENDED);
            swept = true;
            generations.values().forEach(this::end);
            embeddings.values().forEach(this::end);
        }
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
        if (swept) {
            // It may have come too late to be seen when all were ended.
            end(generation);
        }
        return generation;
    }

    @Override
    public Embedding embed(EmbeddingRequest request, Runnable onAvailable) {
        int handle = handles.incrementAndGet();
        RemoteEmbedding embedding = new RemoteEmbedding(request.id(), handle, calls::cancel, onAvailable);
        embeddings.put(handle, embedding);
        send(Commands.embed(handle, request));
        if (swept) {
            end(embedding);
        }
        return embedding;
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
        ScheduledFuture<?> looks = probes;
        if (looks != null) {
            looks.cancel(false);
        }
        // What waits to be written is for nobody; the reading thread wakes and ends the generations.
        sender.shutdownNow();
        FrameChannel connected = channel;
        if (connected != null) {
            close(connected);
        } else {
            swept = true;
        }
    }

    private void close(FrameChannel connected) {
        try {
            connected.close();
        } catch (IOException e) {
            LOG.debug("event=session_close model={}", model.id(), e);
        }
    }

    private void end(RemoteGeneration generation) {
        if (generations.values().remove(generation)) {
            generation.outbox().end(new GenerationEvent.Failed(ErrorCode.ENGINE_LOST, LOST, Usage.NONE, Timings.NONE));
        }
    }

    private void end(RemoteEmbedding embedding) {
        if (embeddings.values().remove(embedding)) {
            embedding.outbox().end(EmbeddingEvent.Failed.refused(ErrorCode.ENGINE_LOST, LOST));
        }
    }

    private void send(Frame frame) {
        FrameChannel connected = channel;
        if (connected == null || lost.isDone()) {
            return;
        }
        try {
            sender.execute(() -> write(connected, frame));
        } catch (RejectedExecutionException e) {
            LOG.debug("event=not_sent model={}", model.id(), e);
        }
    }

    private void write(FrameChannel connected, Frame frame) {
        try {
            connected.write(frame);
        } catch (IOException e) {
            LOG.debug("event=session_ended model={}", model.id(), e);
            lose(SESSION_ENDED);
        }
    }

    private void look() {
        long nowNanos = clock.nanoTime();
        String wrong;
        synchronized (watch) {
            wrong = watch.look(nowNanos);
            if (wrong == null) {
                watch.probed(nowNanos);
            }
        }
        if (wrong != null) {
            lose(wrong);
        } else {
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

    /// What comes from the worker. *Confined to the reading thread.*
    private final class Incoming implements Reports.Receiver {
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
        public void embedding(int handle, EmbeddingEvent event) {
            RemoteEmbedding embedding = embeddings.get(handle);
            if (embedding == null) {
                return;
            }
            if (event instanceof EmbeddingEvent.Terminal end) {
                embeddings.remove(handle);
                embedding.outbox().end(end);
            } else {
                embedding.outbox().add(event);
            }
        }

        @Override
        public void vitals(Vitals vitals) {
            note(vitals);
            synchronized (watch) {
                watch.answered(clock.nanoTime(), vitals.status());
            }
        }

        private void note(Vitals vitals) {
            status = vitals.status();
            residentBytes = vitals.residentBytes();
        }
    }
}
