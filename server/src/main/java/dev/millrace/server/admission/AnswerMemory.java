package dev.millrace.server.admission;

import java.util.concurrent.atomic.AtomicLong;

/// How much memory answers that are collected before they are sent may take together. Places do not bound it: a request
/// for embeddings may have thousands of vectors. *Thread-safe.*
public final class AnswerMemory {
    private final long bytes;
    private final AtomicLong taken = new AtomicLong();

    /// @param bytes most that may be taken at once
    public AnswerMemory(long bytes) {
        this.bytes = bytes;
    }

    /// Takes some, to be given back with [#free].
    ///
    /// @return false if there is not as much left; nothing is taken then
    public boolean take(long wanted) {
        if (taken.addAndGet(wanted) <= bytes) {
            return true;
        }
        taken.addAndGet(-wanted);
        return false;
    }

    /// Gives back what was taken.
    public void free(long given) {
        taken.addAndGet(-given);
    }

    /// Bytes taken now.
    public long taken() {
        return taken.get();
    }
}
