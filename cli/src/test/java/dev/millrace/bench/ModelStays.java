package dev.millrace.bench;

import dev.millrace.bench.ModelHistory.Moment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Each time that a model was in memory, by what `/models/sse` told. *Confined to one thread.*
final class ModelStays {
    private static final Set<String> OUT = Set.of("unloaded", "failed", "queued", "evicting");
    private static final long SKEW_NANOS = 50_000_000;

    private final List<Stay> stays = new ArrayList<>();
    private int mostAtOnce;
    private double longestChangeMillis;
    private double longestLoadMillis;

    private ModelStays() {}

    private static final class Stay {
        private final String model;
        private final long startedNanos;
        private long readyNanos = Long.MAX_VALUE;
        private int answers;

        Stay(String model, long startedNanos) {
            this.model = model;
            this.startedNanos = startedNanos;
        }
    }

    /// Reads a history. What was in memory when it begins does not count.
    static ModelStays of(List<Moment> moments) {
        ModelStays stays = new ModelStays();
        Set<String> present = new HashSet<>();
        long leavesNanos = 0;
        for (Moment moment : moments) {
            if (OUT.contains(moment.state())) {
                present.remove(moment.model());
            } else {
                if (present.add(moment.model()) && !moment.state().equals("unloading")) {
                    stays.stays.add(new Stay(moment.model(), moment.nanos()));
                }
                stays.mostAtOnce = Math.max(stays.mostAtOnce, present.size());
            }
            boolean leaves = moment.state().equals("unloading");
            // One that others wait for may be told to leave in the moment it is ready: that is told as one change.
            if ((leaves || moment.state().equals("loaded")) && !stays.stays.isEmpty()) {
                stays.ready(stays.stays.getLast(), moment, leavesNanos);
            }
            if (leaves) {
                leavesNanos = moment.nanos();
            }
        }
        return stays;
    }

    private void ready(Stay stay, Moment moment, long leavesNanos) {
        if (stay.readyNanos == Long.MAX_VALUE && stay.model.equals(moment.model())) {
            stay.readyNanos = moment.nanos();
            long since = leavesNanos == 0 ? stay.startedNanos : leavesNanos;
            longestChangeMillis = Math.max(longestChangeMillis, (moment.nanos() - since) / 1e6);
            longestLoadMillis = Math.max(longestLoadMillis, (moment.nanos() - stay.startedNanos) / 1e6);
        }
    }

    /// An answer whose first token came then: of the last stay that was ready. What was in memory before counts
    /// nowhere.
    void serve(String model, long firstNanos) {
        for (Stay stay : stays.reversed()) {
            if (stay.model.equals(model) && stay.readyNanos - SKEW_NANOS <= firstNanos) {
                stay.answers++;
                return;
            }
        }
    }

    int count() {
        return stays.size();
    }

    /// Answers of each stay of a model.
    List<Double> answers(String model) {
        return stays.stream()
                .filter(stay -> stay.model.equals(model))
                .map(stay -> (double) stay.answers)
                .toList();
    }

    /// Stays without an answer, save one that has only begun.
    int unused() {
        return (int) stays.stream()
                .filter(stay -> stay.answers == 0 && !stay.equals(stays.getLast()))
                .count();
    }

    int mostAtOnce() {
        return mostAtOnce;
    }

    double longestLoadMillis() {
        return longestLoadMillis;
    }

    /// From when one begins to leave until the next one is ready.
    double longestChangeMillis() {
        return longestChangeMillis;
    }
}
