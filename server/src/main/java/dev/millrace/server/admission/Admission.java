package dev.millrace.server.admission;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Decides who may be given to an engine: at most so many at once, the rest waits in arrival order in a bounded
/// queue. Thread-safe: each decision is one short critical section, and nothing is called from inside it.
///
/// Who holds a place gives it back with [#release] exactly once; the place then goes to the one who waited longest.
/// Deadlines are the waiters' own business: who waits no longer calls [#leave].
public final class Admission {
    /// Of the heap: the rest is for bodies, for what is on its way to clients, and for the collector.
    private static final int PART_FOR_ANSWERS = 4;

    private final int places;
    private final int queueLimit;
    private final Object lock = new Object();
    private final ArrayDeque<Waiter> queue = new ArrayDeque<>();
    private final AnswerMemory answerMemory =
            new AnswerMemory(Runtime.getRuntime().maxMemory() / PART_FOR_ANSWERS);
    private int inFlight;

    /// @param places most requests at once, 1 or more
    /// @param queueLimit most waiting requests, 0 or more
    public Admission(int places, int queueLimit) {
        if (places < 1 || queueLimit < 0) {
            throw new IllegalArgumentException(
                    "places: " + places + " (expected: >= 1), queue: " + queueLimit + " (expected: >= 0)");
        }
        this.places = places;
        this.queueLimit = queueLimit;
    }

    /// One who may have to wait.
    public interface Waiter {
        /// A place is held for this waiter from now on. Called by any thread, outside any lock.
        void admitted();
    }

    /// What happens to one who arrives.
    public enum Verdict {
        /// Has a place.
        ADMITTED,
        /// Waits; [Waiter#admitted] will be called, unless it leaves.
        QUEUED,
        /// Turned away: the queue is full.
        REJECTED
    }

    /// Someone arrives.
    public Verdict arrive(Waiter waiter) {
        synchronized (lock) {
            if (inFlight < places) {
                inFlight++;
                return Verdict.ADMITTED;
            }
            if (queue.size() >= queueLimit) {
                return Verdict.REJECTED;
            }
            queue.addLast(waiter);
            return Verdict.QUEUED;
        }
    }

    /// A waiter gives up.
    ///
    /// @return false if it was admitted in the meantime; it holds a place then and must release it
    public boolean leave(Waiter waiter) {
        synchronized (lock) {
            return queue.remove(waiter);
        }
    }

    /// Gives a place back.
    public void release() {
        Waiter following = handOver();
        if (following != null) {
            following.admitted();
        }
    }

    private @Nullable Waiter handOver() {
        synchronized (lock) {
            Waiter following = queue.pollFirst();
            if (following == null) {
                inFlight--;
            }
            checkInvariants();
            return following;
        }
    }

    /// What answers that are collected before they are sent may take.
    public AnswerMemory answerMemory() {
        return answerMemory;
    }

    /// Requests that hold a place.
    public int inFlight() {
        synchronized (lock) {
            return inFlight;
        }
    }

    /// Requests that wait for one.
    public int queued() {
        synchronized (lock) {
            return queue.size();
        }
    }

    /// Throws if the accounts do not add up.
    void checkInvariants() {
        boolean sane = inFlight >= 0
                && inFlight <= places
                && queue.size() <= queueLimit
                && (queue.isEmpty() || inFlight == places);
        if (!sane) {
            throw new IllegalStateException("admission: in flight " + inFlight + " of " + places + ", queued "
                    + queue.size() + " of " + queueLimit);
        }
    }
}
