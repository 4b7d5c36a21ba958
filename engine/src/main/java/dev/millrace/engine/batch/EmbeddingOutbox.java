package dev.millrace.engine.batch;

import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingEvent.Terminal;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The queue between the threads that make the events of one embedding request and the one that reads them. It has no
/// limit of its own, for a request makes only so many. *Thread-safe*, with one reader.
///
/// Wake-ups are as in [Outbox]: the reader sets [#asleep] and looks again, the writer adds and then clears it, so one
/// of them sees the other.
public final class EmbeddingOutbox {
    private final Runnable onAvailable;
    private final ConcurrentLinkedQueue<EmbeddingEvent> events = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean asleep = new AtomicBoolean(true);
    private final AtomicBoolean closed = new AtomicBoolean();

    /// @param onAvailable called by a writing thread when [#poll] has something again after it returned `null`
    public EmbeddingOutbox(Runnable onAvailable) {
        this.onAvailable = onAvailable;
    }

    /// Adds an event before the last; nothing if the last is there. Called by one thread at a time.
    public void add(EmbeddingEvent event) {
        if (!closed.get()) {
            events.add(event);
            wake();
        }
    }

    /// Adds the last event; only the first call counts.
    public boolean end(Terminal event) {
        boolean first = closed.compareAndSet(false, true);
        if (first) {
            events.add(event);
            wake();
        }
        return first;
    }

    /// The next event, or `null` if there is none now; after the last always `null`.
    public @Nullable EmbeddingEvent poll() {
        EmbeddingEvent event = events.poll();
        if (event == null) {
            asleep.set(true);
            event = events.poll();
            if (event != null) {
                asleep.set(false);
            }
        }
        return event;
    }

    private void wake() {
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            onAvailable.run();
        }
    }
}
