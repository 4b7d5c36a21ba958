package dev.millrace.server.loop;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Work that other threads ask one event loop to do. A task that was posted and has not run yet is not posted
/// again, so a task costs its loop one turn however many threads call for it.
public abstract class LoopTask {
    private final AtomicBoolean posted = new AtomicBoolean();

    @Nullable
    LoopTask next;

    /// Runs on the loop. What was done before [LoopMailbox#post] returned is visible here.
    protected abstract void run();

    boolean claim() {
        return !posted.get() && posted.compareAndSet(false, true);
    }

    void runOnce() {
        posted.set(false);
        run();
    }
}
