package dev.millrace.worker.transport;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.batch.Outbox;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The consumer's end of a generation that runs in a worker. The worker sends as many tokens as the ring
/// holds, and more when it is told
/// that some were read. *Thread-safe* as [Generation] says.
final class RemoteGeneration implements Generation {
    /// Half a ring at once: a word about each token would double the messages.
    private static final int CREDIT_TOKENS = Outbox.CAPACITY / 2;

    private final RequestId id;
    private final int handle;
    private final WorkerCalls worker;
    private final Outbox outbox;
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private int readTokens;

    /// Tells the worker about one generation. *Thread-safe.*
    interface WorkerCalls {
        void cancel(int handle);

        void credit(int handle, int tokens);
    }

    RemoteGeneration(RequestId id, int handle, WorkerCalls worker, Runnable onAvailable) {
        this.id = id;
        this.handle = handle;
        this.worker = worker;
        this.outbox = new Outbox(onAvailable);
    }

    @Override
    public RequestId id() {
        return id;
    }

    @Override
    public @Nullable GenerationEvent poll() {
        GenerationEvent event = outbox.poll();
        if (event instanceof GenerationEvent.Token && ++readTokens == CREDIT_TOKENS) {
            readTokens = 0;
            worker.credit(handle, CREDIT_TOKENS);
        }
        return event;
    }

    @Override
    public void cancel() {
        if (cancelled.compareAndSet(false, true)) {
            worker.cancel(handle);
        }
    }

    Outbox outbox() {
        return outbox;
    }
}
