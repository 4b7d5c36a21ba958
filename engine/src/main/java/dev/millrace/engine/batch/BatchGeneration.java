package dev.millrace.engine.batch;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One request inside a [BatchEngine], from both sides. *Thread-safe* as [Generation] says.
final class BatchGeneration implements Generation {
    /// Backlog at which a paused sequence goes on: half a ring, so that it does not stop and go token by token.
    private static final int RESUME_BACKLOG = Outbox.CAPACITY / 2;

    private final RequestId id;
    private final GenerationCommands engine;
    private final Outbox outbox;
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private final AtomicBoolean paused = new AtomicBoolean();

    BatchGeneration(RequestId id, GenerationCommands engine, Runnable onAvailable) {
        this.id = id;
        this.engine = engine;
        this.outbox = new Outbox(onAvailable);
    }

    @Override
    public RequestId id() {
        return id;
    }

    @Override
    public @Nullable GenerationEvent poll() {
        GenerationEvent event = outbox.poll();
        if (paused.get() && outbox.backlog() <= RESUME_BACKLOG && paused.compareAndSet(true, false)) {
            engine.resume(this);
        }
        return event;
    }

    @Override
    public void cancel() {
        if (cancelled.compareAndSet(false, true)) {
            engine.cancel(this);
        }
    }

    Outbox outbox() {
        return outbox;
    }

    boolean isCancelled() {
        return cancelled.get();
    }

    /// The ring is full. Returns false if the consumer made room meanwhile.
    boolean pause() {
        paused.set(true);
        // The consumer may have emptied the ring before it could see the flag; then nobody would wake the sequence.
        return outbox.backlog() > RESUME_BACKLOG || !paused.compareAndSet(true, false);
    }
}
