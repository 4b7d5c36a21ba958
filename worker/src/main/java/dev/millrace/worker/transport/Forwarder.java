package dev.millrace.worker.transport;

import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.batch.Outbox;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Carries the events of one generation from the engine's ring into frames, never more tokens than the
/// server has room for. *Confined to the
/// event loop*, except [#claim].
final class Forwarder {
    private final int handle;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private @Nullable Generation generation;
    private int credit = Outbox.CAPACITY;

    Forwarder(int handle) {
        this.handle = handle;
    }

    int handle() {
        return handle;
    }

    /// True for the first caller since the last [#forward]: it must see to it that there is a next one.
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    void follow(Generation started) {
        generation = started;
    }

    void cancel() {
        if (generation != null) {
            generation.cancel();
        }
    }

    void credit(int tokens) {
        credit += tokens;
    }

    /// Writes what there is and room for.
    ///
    /// @return true if that was the end of the generation
    boolean forward(FrameWriter out) {
        claimed.set(false);
        while (generation != null && credit > 0) {
            GenerationEvent event = generation.poll();
            if (event == null) {
                return false;
            }
            Reports.event(out, handle, event);
            switch (event) {
                case GenerationEvent.Token _ -> credit--;
                case GenerationEvent.Terminal _ -> {
                    return true;
                }
                case GenerationEvent.Queued _, GenerationEvent.Prefilling _ -> {}
            }
        }
        return false;
    }
}
