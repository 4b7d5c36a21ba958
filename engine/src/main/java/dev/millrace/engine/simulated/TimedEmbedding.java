package dev.millrace.engine.simulated;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingEvent.Terminal;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import dev.millrace.engine.batch.EmbeddingOutbox;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One embedding request of a [TimedEngine]: all its vectors at once after the engine's delay. *Thread-safe* as
/// [Embedding] says.
final class TimedEmbedding implements Embedding {
    private final TimedEngine engine;
    private final EmbeddingRequest request;
    private final EmbeddingOutbox outbox;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger promptTokens = new AtomicInteger();
    private final long startNanos;
    private volatile DelayScheduler.@Nullable Cancellation timer;

    TimedEmbedding(TimedEngine engine, EmbeddingRequest request, Runnable onAvailable) {
        this.engine = engine;
        this.request = request;
        this.outbox = new EmbeddingOutbox(onAvailable);
        this.startNanos = engine.clock().nanoTime();
    }

    void start() {
        int own = InventedVectors.DIMENSIONS;
        if (request.dimensions() != EmbeddingRequest.OWN_DIMENSIONS && request.dimensions() != own) {
            refuse(
                    ErrorCode.UNSUPPORTED_VALUE,
                    "dimensions: " + request.dimensions() + " is not supported, the vectors of this model have " + own
                            + " numbers");
            return;
        }
        int index = 0;
        for (Prompt input : request.inputs()) {
            int tokens = InventedWords.INSTANCE.encode(input).length;
            if (tokens > TimedEngine.CONTEXT_TOKENS) {
                refuse(
                        ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                        "input[" + index + "] has " + tokens + " tokens and the model's context holds "
                                + TimedEngine.CONTEXT_TOKENS + ": shorten it");
                return;
            }
            promptTokens.addAndGet(tokens);
            index++;
        }
        if (engine.delayNanos() == 0) {
            finish();
        } else {
            timer = engine.timer().schedule(engine.delayNanos(), this::finish);
        }
    }

    private void finish() {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        outbox.add(new EmbeddingEvent.Started(promptTokens.get()));
        for (Prompt input : request.inputs()) {
            outbox.add(new EmbeddingEvent.Vector(InventedVectors.of(InventedWords.INSTANCE.encode(input))));
        }
        end(new EmbeddingEvent.Finished(usage(), timings()));
    }

    @Override
    public void cancel() {
        if (over.compareAndSet(false, true)) {
            end(new EmbeddingEvent.Cancelled(usage(), timings()));
        }
    }

    void lose() {
        if (over.compareAndSet(false, true)) {
            end(new EmbeddingEvent.Failed(
                    ErrorCode.ENGINE_LOST,
                    "the engine stopped while the request was in it; try again",
                    usage(),
                    timings()));
        }
    }

    private void refuse(ErrorCode code, String message) {
        over.set(true);
        end(EmbeddingEvent.Failed.refused(code, message));
    }

    private void end(Terminal event) {
        DelayScheduler.Cancellation pending = timer;
        if (pending != null) {
            pending.cancel();
        }
        engine.ended(this, event.usage().promptTokens());
        outbox.end(event);
    }

    private Usage usage() {
        return new Usage(promptTokens.get(), 0, 0);
    }

    private Timings timings() {
        return new Timings(0, engine.clock().nanoTime() - startNanos, 0);
    }

    @Override
    public RequestId id() {
        return request.id();
    }

    @Override
    public @Nullable EmbeddingEvent poll() {
        return outbox.poll();
    }
}
