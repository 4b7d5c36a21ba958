package dev.millrace.gateway.admission;

import java.util.TreeSet;

/// What one model serves, and the lanes that wait for it. *Confined to the owner of the policy.*
final class ModelAccount {
    final String model;
    /// Of keys that are not full.
    final TreeSet<Lane> lanes = new TreeSet<>(Lane.ORDER);
    /// In the backlog's order.
    boolean ready;
    private final int limit;
    int inFlight;
    int waiting;

    ModelAccount(String model, int limit) {
        this.model = model;
        this.limit = limit;
    }

    boolean isFull() {
        return limit > 0 && inFlight >= limit;
    }

    boolean isIdle() {
        return inFlight == 0 && waiting == 0;
    }

    Lane best() {
        return lanes.first();
    }

    long ownEstimateNanos(Pace pace, int rank) {
        return limit == 0 ? 0 : pace.estimateNanos(Math.min(rank, waiting), limit);
    }
}
