package dev.millrace.gateway.admission;

import org.jspecify.annotations.Nullable;

/// One request on its way through admission; its owner derives from this what it wants to find again in a
/// [Notice]. *Confined to the owner of the policy.*
public abstract class Ticket {
    /// The deadline of who waits as long as it takes.
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    private static final int MOST_WEIGHT = 1_000;

    final String key;
    final int weight;
    final String model;
    final long deadlineNanos;
    State state = State.NEW;
    long order;
    long heldSinceNanos;

    @Nullable
    Lane lane;

    @Nullable
    Ticket before;

    @Nullable
    Ticket after;

    /// Where a request is. It only goes forward.
    enum State {
        NEW,
        WAITING,
        HOLDING,
        GONE
    }

    /// @param key on whose account it goes
    /// @param weight how much service that key gets compared with others, 1 to 1000; of one key the latest
    ///     counts
    /// @param model what it is for
    /// @param deadlineNanos when waiting makes no sense any more, or [#NO_DEADLINE]
    protected Ticket(String key, int weight, String model, long deadlineNanos) {
        if (weight < 1 || weight > MOST_WEIGHT) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 1.." + MOST_WEIGHT + ")");
        }
        this.key = key;
        this.weight = weight;
        this.model = model;
        this.deadlineNanos = deadlineNanos;
    }

    final boolean isPast(long nowNanos) {
        return deadlineNanos != NO_DEADLINE && nowNanos - deadlineNanos >= 0;
    }

    final void expect(State expected) {
        if (state != expected) {
            throw new IllegalStateException("ticket of " + model + ": " + state + " (expected: " + expected + ")");
        }
    }
}
