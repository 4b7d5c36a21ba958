package dev.millrace.server.cache;

import java.util.concurrent.atomic.LongAdder;

/// What the cache did since the start. *Thread-safe.*
public final class CacheCounts {
    private final LongAdder hits = new LongAdder();
    private final LongAdder staleHits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder bypasses = new LongAdder();
    private final LongAdder stores = new LongAdder();
    private final LongAdder incomplete = new LongAdder();
    private final LongAdder outdated = new LongAdder();
    private final LongAdder mismatches = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private final LongAdder followers = new LongAdder();
    private final LongAdder refreshes = new LongAdder();

    CacheCounts() {}

    void hit(boolean stale) {
        hits.increment();
        if (stale) {
            staleHits.increment();
        }
    }

    void missed() {
        misses.increment();
    }

    void bypassed() {
        bypasses.increment();
    }

    void stored() {
        stores.increment();
    }

    void incomplete() {
        incomplete.increment();
    }

    void outdated() {
        outdated.increment();
    }

    void mismatched() {
        mismatches.increment();
    }

    void evicted() {
        evictions.increment();
    }

    void followed() {
        followers.increment();
    }

    void refreshed() {
        refreshes.increment();
    }

    /// Requests that a stored answer answered.
    public long hits() {
        return hits.sum();
    }

    /// Those of them whose answer was past its life.
    public long staleHits() {
        return staleHits.sum();
    }

    /// Requests that could have been answered so, and were not.
    public long misses() {
        return misses.sum();
    }

    /// Requests that the cache was left out of.
    public long bypasses() {
        return bypasses.sum();
    }

    /// Answers that were stored.
    public long stores() {
        return stores.sum();
    }

    /// Answers that were not, because they were not whole, or too large.
    public long rejected() {
        return incomplete.sum();
    }

    /// Answers that were not, because they became invalid while they were computed.
    public long outdatedOnes() {
        return outdated.sum();
    }

    /// Answers of the shared tier that were not what was asked for.
    public long integrityMismatches() {
        return mismatches.sum();
    }

    /// Answers that had to leave for others, or were over.
    public long evictions() {
        return evictions.sum();
    }

    /// Requests that waited for the answer to an equal one.
    public long followers() {
        return followers.sum();
    }

    /// Answers that were computed anew behind the scenes.
    public long refreshes() {
        return refreshes.sum();
    }
}
