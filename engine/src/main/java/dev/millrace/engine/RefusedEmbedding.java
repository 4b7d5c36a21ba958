package dev.millrace.engine;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.EmbeddingEvent.Failed;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A request that ended as it came. *Thread-safe.*
final class RefusedEmbedding implements Embedding {
    private final RequestId id;
    private final AtomicReference<@Nullable Failed> event;

    RefusedEmbedding(RequestId id, Failed event) {
        this.id = id;
        this.event = new AtomicReference<>(event);
    }

    @Override
    public RequestId id() {
        return id;
    }

    @Override
    public @Nullable EmbeddingEvent poll() {
        return event.getAndSet(null);
    }

    @Override
    public void cancel() {
        // It has ended.
    }
}
