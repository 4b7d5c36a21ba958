package dev.millrace.gateway.admission;

import java.util.LinkedHashMap;
import java.util.Map;

/// What one key has and wants. *Confined to the owner of the policy.*
final class KeyAccount {
    final String key;
    final Map<String, Lane> lanes = new LinkedHashMap<>();
    private final int limit;
    int weight;
    /// Virtual time at which its next request is due.
    double startTag;
    int inFlight;
    int waiting;

    KeyAccount(String key, int weight, int limit) {
        this.key = key;
        this.weight = weight;
        this.limit = limit;
    }

    boolean isFull() {
        return limit > 0 && inFlight >= limit;
    }

    boolean isIdle() {
        return inFlight == 0 && waiting == 0;
    }

    /// How long it waits for its own requests to make room for the `rank`th of those that wait.
    long ownEstimateNanos(Pace pace, int rank) {
        return limit == 0 ? 0 : pace.estimateNanos(rank, limit);
    }
}
