package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What the policy knows of one model. *Confined to the policy.*
final class ModelEntry {
    private static final float FORESEEABLE = 0.1f;

    /// A request that waits, with what it wants.
    record Waiter(Claim claim, Demand demand, long sinceNanos) {}

    final ModelId id;
    final Deque<Waiter> waiters = new ArrayDeque<>();
    ModelState state = ModelState.UNLOADED;

    /// Of the latest start; whatever comes from an earlier one is late.
    int epoch;

    int users;

    /// Somebody asked for the model itself, not for an answer of it.
    boolean wanted;

    boolean pinned;

    /// Gives out no new leases, for others have waited long for its memory.
    boolean swapping;

    /// Gives out no new leases, for it was told to leave.
    boolean unloading;

    boolean usedSinceStart;
    long queuedNanos;
    long startedNanos;
    long readyNanos;
    long lastUsedNanos;

    @Nullable
    Duration keepAlive;

    float progress;
    long lastLoadNanos;
    long reservedBytes;
    long measuredBytes;
    int failures;
    long retryNanos;

    @Nullable
    String failure;

    ModelEntry(ModelId id) {
        this.id = id;
    }

    /// On its way into memory, with memory reserved.
    boolean isStarting() {
        return state == ModelState.STARTING || state == ModelState.LOADING || state == ModelState.WARMING;
    }

    /// In memory, or on the way in or out: it counts against the budget.
    boolean isResident() {
        return isStarting() || state == ModelState.READY || state == ModelState.STOPPING;
    }

    /// In memory, but for those only who have it already.
    boolean isDraining() {
        return swapping || unloading;
    }

    /// Waits for its turn or for memory.
    boolean isQueued() {
        return state == ModelState.QUEUED || state == ModelState.EVICTING;
    }

    boolean isIdle() {
        return state == ModelState.READY && users == 0;
    }

    boolean hasDemand() {
        return wanted || !waiters.isEmpty();
    }

    /// Since when somebody has waited for it to be started.
    long waitingSinceNanos() {
        Waiter oldest = waiters.peekFirst();
        return oldest == null ? queuedNanos : Math.min(oldest.sinceNanos(), queuedNanos);
    }

    /// How long it stays unused; `null` for ever.
    @Nullable
    Duration keepAlive(PoolSettings settings) {
        Duration wished = keepAlive == null ? settings.keepAlive() : keepAlive;
        return wished == null || wished.isNegative() ? null : wished;
    }

    /// An estimate by the last load, else by how far this one is.
    @Nullable
    Duration timeLeft(long nowNanos) {
        if (!isStarting()) {
            return null;
        }
        long spentNanos = nowNanos - startedNanos;
        if (lastLoadNanos > 0) {
            return Duration.ofNanos(Math.max(0, lastLoadNanos - spentNanos));
        }
        return progress < FORESEEABLE ? null : Duration.ofNanos((long) (spentNanos * (1 - progress) / progress));
    }

    ModelStatus status(PoolSettings settings, long nowNanos) {
        Duration stays = keepAlive(settings);
        boolean expires = isIdle() && !pinned;
        boolean pausing = state == ModelState.FAILED && nowNanos - retryNanos < 0;
        return new ModelStatus(
                id,
                state,
                progress,
                timeLeft(nowNanos),
                users,
                waiters.size(),
                isResident() ? reservedBytes : 0,
                measuredBytes,
                expires && stays != null ? stays.minusNanos(nowNanos - lastUsedNanos) : null,
                pinned,
                failure,
                pausing ? Duration.ofNanos(retryNanos - nowNanos) : null);
    }

    /// Throws if the accounts do not add up.
    ///
    /// @param closed everything is being ended, busy or not
    void checkInvariants(boolean closed) {
        check(users >= 0, "fewer than no users");
        check(users == 0 || state == ModelState.READY || closed, "used although not ready");
        check(!isQueued() || hasDemand(), "queued although nobody wants it");
        check(waiters.isEmpty() || state != ModelState.UNLOADED, "awaited and not coming");
        check(state != ModelState.READY || waiters.isEmpty() || isDraining(), "awaited although ready");
        check(isResident() || reservedBytes == 0, "memory without a model");
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(id + " is " + state + ": " + what);
        }
    }
}
