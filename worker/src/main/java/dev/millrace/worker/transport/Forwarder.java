package dev.millrace.worker.transport;

import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.batch.Outbox;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Carries the events of one generation from the engine's ring into frames, never more tokens than the
/// server has room for. *Confined to the event loop*, except [#claim].
final class Forwarder implements Forwarding {
    private final int handle;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private @Nullable Generation generation;
    private int credit = Outbox.CAPACITY;

    Forwarder(int handle) {
        this.handle = handle;
    }

    @Override
    public int handle() {
        return handle;
    }

    @Override
    public boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    void follow(Generation started) {
        generation = started;
    }

    @Override
    public void cancel() {
        if (generation != null) {
            generation.cancel();
        }
    }

    @Override
    public void credit(int tokens) {
        credit += tokens;
    }

    @Override
    public Step forward(FrameWriter out) {
        claimed.set(false);
        while (generation != null && credit > 0) {
            GenerationEvent event = generation.poll();
            if (event == null) {
                return Step.WAITING;
            }
            Reports.event(out, handle, event);
            switch (event) {
                case GenerationEvent.Token _ -> credit--;
                case GenerationEvent.Terminal _ -> {
                    return Step.ENDED;
                }
                case GenerationEvent.Queued _, GenerationEvent.Prefilling _ -> {}
            }
        }
        return Step.WAITING;
    }
}
