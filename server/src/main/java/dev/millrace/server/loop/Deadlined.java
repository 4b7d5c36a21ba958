package dev.millrace.server.loop;

import org.jspecify.annotations.Nullable;

/// Something on an event loop that must not last for ever. *Confined to its event loop.*
public abstract class Deadlined extends LoopTask {
    private @Nullable Deadlined before;
    private @Nullable Deadlined after;
    private boolean listed;

    /// Looks whether time is up; called every now and then while on a [DeadlineList].
    protected abstract void checkDeadlines(long nowNanos);

    /// Ends this because the server stops.
    protected abstract void shutDown();

    @Nullable
    Deadlined after() {
        return after;
    }

    boolean isFirst() {
        return listed && before == null;
    }

    boolean isListed() {
        return listed;
    }

    void link(@Nullable Deadlined first) {
        after = first;
        if (first != null) {
            first.before = this;
        }
        listed = true;
    }

    void unlink() {
        if (before != null) {
            before.after = after;
        }
        if (after != null) {
            after.before = before;
        }
        before = null;
        after = null;
        listed = false;
    }
}
