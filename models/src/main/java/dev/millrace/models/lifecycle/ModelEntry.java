package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What the policy knows of one model. *Confined to the policy.*
final class ModelEntry {
    private static final float FORESEEABLE = 0.1f;
    private static final float STARTED_PART = 0.05f;
    private static final float LOADED_PART = 0.8f;
    private static final float NOTICEABLE = 0.01f;
    private static final int MOST_SWAP_TIMES = 10;

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

    /// A lease came back while it was in memory.
    boolean servedSinceStart;
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

    /// Failed, and the pause is over. One that must be there does not wait for somebody to ask.
    boolean isToBeTriedAgain(long nowNanos) {
        return state == ModelState.FAILED && nowNanos - retryNanos >= 0 && (hasDemand() || pinned);
    }

    boolean isIdle() {
        return state == ModelState.READY && users == 0;
    }

    boolean hasDemand() {
        return wanted || !waiters.isEmpty();
    }

    /// Idle, free to go, and it had its chance: a model that nobody used although it was just loaded gets a while.
    boolean isEvictable(PoolSettings settings, long nowNanos) {
        return isIdle() && !pinned && hadItsChance(settings, nowNanos);
    }

    boolean hadItsChance(PoolSettings settings, long nowNanos) {
        return usedSinceStart || nowNanos - readyNanos >= settings.unusedGrace().toNanos();
    }

    /// True if it may be told to leave although it is in use: it had its chance, and served for as long as it took to
    /// load, or for as long as others can be asked to wait. Models that take turns would else do little
    /// but load.
    boolean wasWorthItsLoad(PoolSettings settings, long nowNanos) {
        long patienceNanos = MOST_SWAP_TIMES * settings.swapAfter().toNanos();
        return hadItsChance(settings, nowNanos) && nowNanos - readyNanos >= Math.min(lastLoadNanos, patienceNanos);
    }

    /// Since when somebody has waited for it to be started. A waiter that left takes its place in the line along.
    long waitingSinceNanos() {
        Waiter oldest = waiters.peekFirst();
        if (oldest == null) {
            return queuedNanos;
        }
        return wanted ? Math.min(oldest.sinceNanos(), queuedNanos) : oldest.sinceNanos();
    }

    /// How long it still stays if nobody uses it; `null` for ever, or if it is not idle.
    @Nullable
    Duration expiresIn(PoolSettings settings, long nowNanos) {
        Duration wished = keepAlive == null ? settings.keepAlive() : keepAlive;
        if (!isIdle() || pinned || wished == null || wished.isNegative()) {
            return null;
        }
        Duration left = wished.minusNanos(nowNanos - lastUsedNanos);
        if (!usedSinceStart) {
            // Whoever was told to come back for it must find it, even if unused models leave at once.
            Duration chance = settings.unusedGrace().minusNanos(nowNanos - readyNanos);
            left = left.compareTo(chance) < 0 ? chance : left;
        }
        return left.isNegative() ? Duration.ZERO : left;
    }

    /// Its start has come this far.
    ///
    /// @return true if that is worth telling
    boolean hasReached(LoadPhase phase, float fraction) {
        ModelState reached = switch (phase) {
            case STARTING -> ModelState.STARTING;
            case LOADING -> ModelState.LOADING;
            case WARMING -> ModelState.WARMING;
        };
        if (reached.compareTo(state) < 0) {
            return false; // told by another thread, and overtaken
        }
        float whole = switch (phase) {
            case STARTING -> STARTED_PART * fraction;
            case LOADING -> STARTED_PART + (LOADED_PART - STARTED_PART) * fraction;
            case WARMING -> LOADED_PART + (1 - LOADED_PART) * fraction;
        };
        boolean noticeable = whole - progress >= NOTICEABLE || reached != state;
        state = reached;
        if (noticeable) {
            progress = Math.max(progress, Math.min(whole, 1));
        }
        return noticeable;
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
        boolean pausing = state == ModelState.FAILED && nowNanos - retryNanos < 0;
        return new ModelStatus(
                id,
                state,
                progress,
                timeLeft(nowNanos),
                isDraining(),
                users,
                waiters.size(),
                isResident() ? reservedBytes : 0,
                measuredBytes,
                expiresIn(settings, nowNanos),
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
        check(!isStarting() || hasDemand(), "on its way although nobody wants it");
        check(!isDraining() || state == ModelState.READY, "draining although not ready");
        check(!wanted || state != ModelState.READY || isDraining(), "wanted although ready");
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
