package dev.millrace.models.lifecycle;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.models.lifecycle.ModelEntry.Waiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The steps that models and waiters take, each with what it means for the outside. *Confined to the policy.*
final class Transitions {
    private static final int MAX_DOUBLINGS = 20;

    private final PoolSettings settings;
    private final Map<Claim, ModelEntry> waiting = new HashMap<>();
    private List<Effect> effects = new ArrayList<>();

    Transitions(PoolSettings settings) {
        this.settings = settings;
    }

    List<Effect> take() {
        List<Effect> taken = effects;
        effects = new ArrayList<>();
        return taken;
    }

    void awaited(Claim claim, ModelEntry entry) {
        waiting.put(claim, entry);
    }

    @Nullable
    ModelEntry noLongerAwaited(Claim claim) {
        return waiting.remove(claim);
    }

    int awaiting() {
        return waiting.size();
    }

    void grant(ModelEntry entry, Claim claim) {
        effects.add(new Effect.Grant(claim, entry.id, entry.epoch));
    }

    /// Gone by itself: its users with it, and back soon unless it was to leave anyway.
    void lost(ModelEntry entry, String reason, long nowNanos) {
        effects.add(new Effect.Discard(entry.id, entry.epoch));
        // One that gave an answer since its start does not crash for ever: no pause for those who wait.
        boolean ranWell = entry.servedSinceStart
                || nowNanos - entry.readyNanos >= settings.backoffMost().toNanos();
        entry.failures = ranWell ? 1 : entry.failures + 1;
        entry.retryNanos = nowNanos + (entry.failures == 1 ? 0 : backoff(entry.failures - 1));
        entry.failure = reason;
        entry.epoch++;
        entry.users = 0;
        entry.wanted |= !entry.unloading;
        entry.swapping = false;
        entry.unloading = false;
        out(entry, ModelState.FAILED);
    }

    void start(ModelEntry entry, long needBytes, long nowNanos) {
        entry.epoch++;
        entry.state = ModelState.STARTING;
        entry.progress = 0;
        entry.startedNanos = nowNanos;
        entry.reservedBytes = needBytes;
        entry.usedSinceStart = false;
        entry.servedSinceStart = false;
        entry.swapping = false;
        entry.unloading = false;
        effects.add(new Effect.Start(entry.id, entry.epoch));
        changed(entry);
    }

    void stop(ModelEntry entry) {
        entry.state = ModelState.STOPPING;
        entry.swapping = false;
        entry.unloading = false;
        entry.failures = 0;
        if (!entry.wanted) {
            entry.keepAlive = null;
        }
        effects.add(new Effect.Stop(entry.id, entry.epoch));
        changed(entry);
    }

    /// Nothing of it is in memory any more.
    void out(ModelEntry entry, ModelState state) {
        entry.state = state;
        entry.reservedBytes = 0;
        entry.progress = 0;
    }

    /// Gives out leases again, first to those who waited for it to come back.
    void stay(ModelEntry entry, long nowNanos) {
        entry.swapping = false;
        entry.wanted = false;
        grantWaiters(entry, nowNanos);
        changed(entry);
    }

    void queue(ModelEntry entry, long nowNanos) {
        boolean mayRetry = entry.state == ModelState.FAILED && nowNanos - entry.retryNanos >= 0;
        if (entry.state == ModelState.UNLOADED || mayRetry) {
            entry.state = ModelState.QUEUED;
            entry.queuedNanos = nowNanos;
            changed(entry);
        }
    }

    /// Nobody wants it any more.
    void giveUp(ModelEntry entry) {
        entry.keepAlive = entry.state == ModelState.READY ? entry.keepAlive : null;
        if (entry.isStarting()) {
            entry.state = ModelState.STOPPING;
            effects.add(new Effect.CancelStart(entry.id, entry.epoch));
            changed(entry);
        } else if (entry.isQueued()) {
            entry.state = ModelState.UNLOADED;
            changed(entry);
        }
    }

    void failedStart(ModelEntry entry, ErrorCode code, String reason, long nowNanos) {
        entry.failures++;
        long pauseNanos = backoff(entry.failures);
        entry.retryNanos = nowNanos + pauseNanos;
        entry.failure = reason;
        entry.wanted = false;
        entry.keepAlive = null;
        refuseAll(entry, code, failed(entry), Duration.ofNanos(pauseNanos));
    }

    static String failed(ModelEntry entry) {
        return "The model could not be loaded: " + entry.failure;
    }

    long backoff(int failures) {
        long nanos = settings.backoffFirst().toNanos() << Math.min(failures - 1, MAX_DOUBLINGS);
        return Math.min(nanos, settings.backoffMost().toNanos());
    }

    void use(ModelEntry entry, Demand demand, long nowNanos) {
        entry.users++;
        entry.usedSinceStart = true;
        entry.lastUsedNanos = nowNanos;
        if (demand.keepAlive() != null) {
            entry.keepAlive = demand.keepAlive();
        }
    }

    void grantWaiters(ModelEntry entry, long nowNanos) {
        for (Waiter waiter = entry.waiters.pollFirst(); waiter != null; waiter = entry.waiters.pollFirst()) {
            waiting.remove(waiter.claim());
            use(entry, waiter.demand(), nowNanos);
            grant(entry, waiter.claim());
        }
    }

    void refuseAll(ModelEntry entry, ErrorCode code, String message, @Nullable Duration retryAfter) {
        for (Waiter waiter = entry.waiters.pollFirst(); waiter != null; waiter = entry.waiters.pollFirst()) {
            waiting.remove(waiter.claim());
            refuse(waiter.claim(), code, message, retryAfter);
        }
    }

    void refuse(Claim claim, ErrorCode code, String message, @Nullable Duration retryAfter) {
        effects.add(new Effect.Refuse(claim, code, message, retryAfter));
    }

    void changed(ModelEntry entry) {
        effects.add(new Effect.Changed(entry.id));
    }
}
