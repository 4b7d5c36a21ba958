package dev.millrace.engine.batch;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingEvent;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One embedding request inside a [BatchEngine], from both sides. *Thread-safe* as [Embedding] says.
final class BatchEmbedding implements Embedding {
    private final RequestId id;
    private final long arrivalNanos;
    private final Consumer<BatchEmbedding> canceller;
    private final EmbeddingOutbox outbox;
    private final AtomicBoolean cancelled = new AtomicBoolean();

    /// @param canceller tells the engine thread
    BatchEmbedding(RequestId id, long arrivalNanos, Consumer<BatchEmbedding> canceller, Runnable onAvailable) {
        this.id = id;
        this.arrivalNanos = arrivalNanos;
        this.canceller = canceller;
        this.outbox = new EmbeddingOutbox(onAvailable);
    }

    @Override
    public RequestId id() {
        return id;
    }

    @Override
    public @Nullable EmbeddingEvent poll() {
        return outbox.poll();
    }

    @Override
    public void cancel() {
        if (cancelled.compareAndSet(false, true)) {
            canceller.accept(this);
        }
    }

    long arrivalNanos() {
        return arrivalNanos;
    }

    EmbeddingOutbox outbox() {
        return outbox;
    }

    boolean isCancelled() {
        return cancelled.get();
    }
}
