package dev.millrace.worker.transport;

import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingEvent;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Carries the events of one embedding request from the engine into frames. *Confined to the event loop*, except
/// [#claim].
final class EmbeddingForwarder implements Forwarding {
    private final int handle;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private @Nullable Embedding embedding;

    EmbeddingForwarder(int handle) {
        this.handle = handle;
    }

    void follow(Embedding started) {
        embedding = started;
    }

    @Override
    public int handle() {
        return handle;
    }

    @Override
    public boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    @Override
    public void cancel() {
        if (embedding != null) {
            embedding.cancel();
        }
    }

    @Override
    public void credit(int tokens) {
        throw new BrokenFrameException("credit for an embedding request");
    }

    @Override
    public Step forward(FrameWriter out) {
        claimed.set(false);
        while (embedding != null) {
            if (out.length() >= Frame.FULL_BYTES) {
                return Step.FRAME_FULL;
            }
            EmbeddingEvent event = embedding.poll();
            if (event == null) {
                return Step.WAITING;
            }
            Reports.event(out, handle, event);
            if (event instanceof EmbeddingEvent.Terminal) {
                return Step.ENDED;
            }
        }
        return Step.WAITING;
    }
}
