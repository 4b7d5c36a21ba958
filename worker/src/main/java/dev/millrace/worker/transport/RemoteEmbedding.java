package dev.millrace.worker.transport;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.batch.EmbeddingOutbox;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The consumer's end of an embedding request that runs in a worker. There is no credit: a request makes only so
/// many vectors, and its reader keeps them all. *Thread-safe* as [Embedding] says.
final class RemoteEmbedding implements Embedding {
    private final RequestId id;
    private final int handle;
    private final IntConsumer canceller;
    private final EmbeddingOutbox outbox;
    private final AtomicBoolean cancelled = new AtomicBoolean();

    /// @param canceller tells the worker
    RemoteEmbedding(RequestId id, int handle, IntConsumer canceller, Runnable onAvailable) {
        this.id = id;
        this.handle = handle;
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
            canceller.accept(handle);
        }
    }

    EmbeddingOutbox outbox() {
        return outbox;
    }
}
