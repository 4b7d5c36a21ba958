package dev.millrace.server;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Engine;
import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// An engine whose tests say what happens and when. It keeps what real engines promise: events in order, exactly
/// one terminal event, a cancel that ends in a terminal event, wake-ups from foreign threads.
public final class FakeEngine implements Engine {
    private final ModelDescription model;
    private final BlockingQueue<Call> arrivals = new LinkedBlockingQueue<>();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Vectors> embeddings = new LinkedBlockingQueue<>();
    private volatile @Nullable Script script;

    /// What is done with each request as it arrives.
    public interface Script {
        /// Called within submit.
        void play(Call call);
    }

    public FakeEngine(String name) {
        model = new ModelDescription(new ModelId(name), "fake", 4096, 7, 11, true);
    }

    /// Plays `everyCall` for each request; without it, tests drive the calls they [#next].
    public FakeEngine playing(Script everyCall) {
        script = everyCall;
        return this;
    }

    /// The next request that arrives.
    public Call next() throws InterruptedException {
        Call call = arrivals.poll(10, TimeUnit.SECONDS);
        if (call == null) {
            throw new AssertionError("no request reached the engine");
        }
        return call;
    }

    /// The next request for embeddings that arrives.
    public Vectors nextEmbedding() throws InterruptedException {
        Vectors vectors = embeddings.poll(10, TimeUnit.SECONDS);
        if (vectors == null) {
            throw new AssertionError("no request for embeddings reached the engine");
        }
        return vectors;
    }

    @Override
    public Embedding embed(EmbeddingRequest request, Runnable onAvailable) {
        var vectors = new Vectors(request, onAvailable);
        embeddings.add(vectors);
        return vectors;
    }

    /// True if no request is waiting to be taken by [#next].
    public boolean isUntouched() {
        return arrivals.isEmpty();
    }

    @Override
    public ModelDescription model() {
        return model;
    }

    @Override
    public EngineStatus status() {
        return EngineStatus.IDLE;
    }

    @Override
    public Generation submit(GenerationRequest request, Runnable onAvailable) {
        var call = new Call(request, onAvailable);
        calls.add(call);
        Script today = script;
        if (today != null) {
            today.play(call);
        }
        arrivals.add(call);
        return call;
    }

    @Override
    public void close() {
        calls.forEach(call -> call.failed(ErrorCode.ENGINE_LOST, "the engine stopped"));
    }

    /// One request for embeddings, driven by its test.
    public static final class Vectors implements Embedding {
        private final EmbeddingRequest request;
        private final Runnable onAvailable;
        private final BlockingQueue<EmbeddingEvent> events = new LinkedBlockingQueue<>();
        private volatile boolean cancelled;

        Vectors(EmbeddingRequest request, Runnable onAvailable) {
            this.request = request;
            this.onAvailable = onAvailable;
        }

        public EmbeddingRequest request() {
            return request;
        }

        public Vectors event(EmbeddingEvent event) {
            events.add(event);
            onAvailable.run();
            return this;
        }

        public Vectors vector(float... values) {
            return event(new EmbeddingEvent.Vector(values));
        }

        public void finished() {
            event(new EmbeddingEvent.Finished(new Usage(7, 0, 0), new Timings(1_000, 2_000_000, 0)));
        }

        public void failed(ErrorCode code) {
            event(new EmbeddingEvent.Failed(code, "the engine says why", Usage.NONE, Timings.NONE));
        }

        /// What a cancel leads to; nothing happens of itself.
        public void endAfterCancel() {
            event(new EmbeddingEvent.Cancelled(new Usage(7, 0, 0), Timings.NONE));
        }

        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public RequestId id() {
            return request.id();
        }

        @Override
        public @Nullable EmbeddingEvent poll() {
            return events.poll();
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    /// One request, driven by its test.
    public static final class Call implements Generation {
        private final GenerationRequest request;
        private final Runnable onAvailable;
        private final ArrayDeque<GenerationEvent> events = new ArrayDeque<>();
        private boolean ended;
        private boolean cancelled;
        private boolean ignoresCancel;
        private int tokens;

        Call(GenerationRequest request, Runnable onAvailable) {
            this.request = request;
            this.onAvailable = onAvailable;
        }

        public GenerationRequest request() {
            return request;
        }

        /// Cancelling is noticed but does not end anything until [#endAfterCancel].
        public Call ignoringCancel() {
            ignoresCancel = true;
            return this;
        }

        public void endAfterCancel() {
            add(new GenerationEvent.Finished(FinishReason.CANCELLED, null, usage(), Timings.NONE));
        }

        public Call queued() {
            return add(new GenerationEvent.Queued(0, 7));
        }

        public Call prefilling() {
            return add(new GenerationEvent.Prefilling(3, 0, 7));
        }

        public Call token(String text) {
            tokens++;
            return add(new GenerationEvent.Token(tokens, text, null));
        }

        public Call event(GenerationEvent event) {
            return add(event);
        }

        public Call finished(FinishReason reason) {
            return add(new GenerationEvent.Finished(reason, null, usage(), new Timings(1_000, 2_000_000, 3_000_000)));
        }

        public Call failed(ErrorCode code, String message) {
            return add(new GenerationEvent.Failed(code, message, usage(), Timings.NONE));
        }

        private Usage usage() {
            return new Usage(7, 2, tokens);
        }

        private Call add(GenerationEvent event) {
            synchronized (events) {
                if (ended) {
                    return this;
                }
                ended = event instanceof GenerationEvent.Terminal;
                events.add(event);
            }
            onAvailable.run();
            return this;
        }

        /// True once the server asked to stop.
        public boolean isCancelled() {
            synchronized (events) {
                return cancelled;
            }
        }

        /// Events the server has not taken yet.
        public int backlog() {
            synchronized (events) {
                return events.size();
            }
        }

        @Override
        public RequestId id() {
            return request.id();
        }

        @Override
        public @Nullable GenerationEvent poll() {
            synchronized (events) {
                return events.poll();
            }
        }

        @Override
        public void cancel() {
            synchronized (events) {
                cancelled = true;
                events.removeIf(event -> event instanceof GenerationEvent.Token);
                if (ignoresCancel) {
                    return;
                }
            }
            endAfterCancel();
        }
    }
}
