package dev.millrace.models.lifecycle;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Decides where a model finds its memory: at once, after others have left, or never. Pure; *confined to the policy*.
final class Placement {
    private final PoolSettings settings;
    private final Collection<ModelEntry> entries;

    Placement(PoolSettings settings, Collection<ModelEntry> entries) {
        this.settings = settings;
        this.entries = entries;
    }

    /// What is to be done for a model that wants in.
    sealed interface Verdict {
        /// There is room.
        record Fits() implements Verdict {}

        /// There will be room once these, which are idle, have left.
        record Evict(List<ModelEntry> victims) implements Verdict {}

        /// There will be room once these, which are in use, have been given back and left.
        record Drain(List<ModelEntry> victims) implements Verdict {}

        /// There will be room once what is leaving has left, or was used at least once.
        record Wait() implements Verdict {}

        /// There is no room for it on this machine, or not beside what is pinned.
        record Never(String reason) implements Verdict {}
    }

    /// @param availableBytes what the machine has free now; 0 if unknown
    Verdict place(ModelEntry wanted, MemoryNeed need, long availableBytes, long nowNanos) {
        long budget = settings.memoryBudgetBytes();
        long needBytes = needBytes(wanted, need);
        if (budget > 0 && needBytes > budget) {
            return new Verdict.Never("it needs " + need.describe() + ", and all models together may take "
                    + MemoryNeed.gib(budget) + " GiB (models.memory)");
        }
        long missing = missingBytes(wanted, needBytes, availableBytes);
        int seats = settings.maxLoaded() - residents(wanted);
        if (missing <= 0 && seats > 0) {
            return new Verdict.Fits();
        }
        long leaving = 0;
        for (ModelEntry entry : entries) {
            if (entry.state == ModelState.STOPPING && !entry.equals(wanted)) {
                leaving += entry.reservedBytes;
                seats++;
            }
        }
        if (missing <= leaving && seats > 0) {
            return new Verdict.Wait();
        }
        return makeRoom(wanted, need, missing - leaving, seats, nowNanos);
    }

    /// As measured, else as estimated. What was measured to exceed the budget although the estimate did not may take
    /// all of it: it has run here, alone.
    long needBytes(ModelEntry wanted, MemoryNeed need) {
        long budget = settings.memoryBudgetBytes();
        if (wanted.measuredBytes == 0) {
            return need.total();
        }
        return budget > 0 && need.total() <= budget ? Math.min(wanted.measuredBytes, budget) : wanted.measuredBytes;
    }

    private Verdict makeRoom(ModelEntry wanted, MemoryNeed need, long missing, int seats, long nowNanos) {
        List<ModelEntry> idle = candidates(wanted, entry -> entry.isEvictable(settings, nowNanos));
        List<ModelEntry> chosen = choose(idle, missing, seats);
        if (chosen != null) {
            return new Verdict.Evict(chosen);
        }
        List<ModelEntry> movable = candidates(wanted, entry -> !entry.pinned && entry.state == ModelState.READY);
        List<ModelEntry> toDrain = choose(movable, missing, seats);
        if (toDrain != null) {
            return new Verdict.Drain(toDrain);
        }
        boolean someStart = entries.stream().anyMatch(entry -> entry.isStarting() && !entry.equals(wanted));
        if (someStart) {
            return new Verdict.Wait();
        }
        String needs = wanted.measuredBytes == 0
                ? need.describe()
                : MemoryNeed.gib(wanted.measuredBytes) + " GiB, as measured";
        return new Verdict.Never("it needs " + needs + ", which is " + MemoryNeed.gib(missing)
                + " GiB more than is free, and what else is in memory is pinned or too small");
    }

    private List<ModelEntry> candidates(ModelEntry wanted, Predicate<ModelEntry> eligible) {
        return entries.stream()
                .filter(entry -> !entry.equals(wanted) && eligible.test(entry))
                // Those that are leaving anyway first, or each release would make yet another one leave.
                .sorted(Comparator.comparing((ModelEntry entry) -> !entry.isDraining())
                        .thenComparingLong(entry -> entry.lastUsedNanos)
                        .thenComparing(entry -> entry.id.value()))
                .toList();
    }

    /// The longest unused ones that together are enough; `null` if all are not.
    private static @Nullable List<ModelEntry> choose(List<ModelEntry> candidates, long missing, int seats) {
        List<ModelEntry> chosen = new ArrayList<>();
        long freed = 0;
        for (ModelEntry candidate : candidates) {
            if (freed >= missing && seats + chosen.size() > 0) {
                break;
            }
            chosen.add(candidate);
            freed += candidate.reservedBytes;
        }
        return freed >= missing && seats + chosen.size() > 0 && !chosen.isEmpty() ? chosen : null;
    }

    /// What is in memory beyond the budget, now that it was measured: the idle ones that have to go. The last one
    /// stays, for there is nobody whose memory it takes.
    List<ModelEntry> overBudget(long nowNanos) {
        long over = residentBytes() - settings.memoryBudgetBytes();
        if (settings.memoryBudgetBytes() == 0 || over <= 0) {
            return List.of();
        }
        List<ModelEntry> chosen = new ArrayList<>();
        int others = -1;
        for (ModelEntry entry : entries) {
            if (entry.state == ModelState.STOPPING) {
                over -= entry.reservedBytes;
            } else if (entry.isResident()) {
                others++;
            }
        }
        List<ModelEntry> idle = entries.stream()
                .filter(entry -> entry.isEvictable(settings, nowNanos))
                .sorted(Comparator.comparingLong(entry -> entry.lastUsedNanos))
                .toList();
        for (ModelEntry entry : idle) {
            if (over <= 0 || chosen.size() >= others) {
                break;
            }
            chosen.add(entry);
            over -= entry.reservedBytes;
        }
        return chosen;
    }

    long residentBytes() {
        return entries.stream()
                .filter(ModelEntry::isResident)
                .mapToLong(entry -> entry.reservedBytes)
                .sum();
    }

    private int residents(ModelEntry wanted) {
        return (int) entries.stream()
                .filter(entry -> entry.isResident() && !entry.equals(wanted))
                .count();
    }

    private long missingBytes(ModelEntry wanted, long needBytes, long availableBytes) {
        long budget = settings.memoryBudgetBytes();
        long missing = budget == 0 ? 0 : residentBytes() + needBytes - budget;
        if (availableBytes > 0) {
            // What is still being loaded has its memory promised and not taken yet.
            long promised = entries.stream()
                    .filter(entry -> entry.isStarting() && !entry.equals(wanted))
                    .mapToLong(entry -> entry.reservedBytes)
                    .sum();
            missing = Math.max(missing, needBytes + promised - availableBytes);
        }
        return missing;
    }
}
