package dev.millrace.server.cache;

import dev.millrace.gateway.cache.Freshness;
import dev.millrace.gateway.cache.StoredAnswer;

/// A stored answer in this process. *Immutable.*
///
/// @param token says after which invalidation it was begun
record Kept(StoredAnswer answer, Freshness.Life life, long token) {
    // Objects around the bytes, roughly: the map's node, the records, the labels.
    private static final int OVERHEAD_BYTES = 512;
    private static final int SPOT_BYTES = 24;

    /// What it takes in memory.
    int bytes() {
        long bytes = (long) answer.payload().bytes().length
                + (long) SPOT_BYTES * answer.payload().spots().size()
                + OVERHEAD_BYTES;
        return Math.toIntExact(Math.min(bytes, Integer.MAX_VALUE));
    }

    /// A look at one.
    record Found(Kept kept, Freshness.Reading reading) {}
}
