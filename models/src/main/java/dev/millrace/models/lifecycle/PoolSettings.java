package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How many models may be in memory, for how long, and who may wait. *Immutable.*
///
/// @param memoryBudgetBytes what all models together may take; 0 for no limit
/// @param keepAlive how long an unused model stays; zero to leave at once, `null` or negative to stay
/// @param maxLoaded most models in memory or on their way there
/// @param maxConcurrentLoads most starts at the same time
/// @param waitersPerModel most requests that wait for one model
/// @param loadTimeout longest time of one start
/// @param backoffFirst pause after the first of several failures; doubles with each
/// @param backoffMost longest pause
/// @param unusedGrace a model that was loaded and not used yet is not evicted and does not expire for this long
/// @param swapAfter a request that waits this long for memory makes models in use give no new leases, so that they
///     become idle and leave; until then they serve whoever comes, at least as long as their load took, at most ten
///     times this long
/// @param preload loaded when the pool starts, in this order
public record PoolSettings(
        long memoryBudgetBytes,
        @Nullable Duration keepAlive,
        int maxLoaded,
        int maxConcurrentLoads,
        int waitersPerModel,
        Duration loadTimeout,
        Duration backoffFirst,
        Duration backoffMost,
        Duration unusedGrace,
        Duration swapAfter,
        List<ModelId> preload) {

    public PoolSettings {
        if (memoryBudgetBytes < 0 || maxLoaded < 1 || maxConcurrentLoads < 1 || waitersPerModel < 1) {
            throw new IllegalArgumentException("pool settings: a limit is below its least value");
        }
        if (!loadTimeout.isPositive() || !backoffFirst.isPositive() || backoffMost.compareTo(backoffFirst) < 0) {
            throw new IllegalArgumentException("pool settings: times must be positive, and the pauses must grow");
        }
        preload = List.copyOf(preload);
    }

    /// 5 minutes, one start at a time, no limit of memory.
    public static PoolSettings usual() {
        return new PoolSettings(
                0,
                Duration.ofMinutes(5),
                16,
                1,
                512,
                Duration.ofMinutes(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                List.of());
    }
}
