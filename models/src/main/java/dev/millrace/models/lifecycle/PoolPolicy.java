package dev.millrace.models.lifecycle;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.models.lifecycle.ModelEntry.Waiter;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides which models are in memory and who gets one. Pure: time and free memory are passed in, what is to be done
/// comes out as [Effect]s. *Guarded by its owner's lock.*
///
/// ## The rules
/// - A model is started once, however many ask; they wait for this start, each until its own deadline.
/// - Models that wait for memory get it in the order of their oldest request. Nobody passes the first one, so a large
///   model cannot be starved by small ones.
/// - Room is made by the longest unused of those that are idle, not pinned, and were used since they were loaded
///   or have had their grace.
/// - If those in use are in the way, they serve whoever comes until the first one has waited for the swap time, and
///   they have been ready as long as their load took, but not longer than ten swap times. Then they give no new leases
///   and leave when the last one is back; whoever comes for them meanwhile waits for their return. So each load serves
///   at least all who waited for it, and nobody waits longer than that plus the answers that run for each model
///   that came before.
/// - A model that stops is never given to anybody.
/// - What comes late from an earlier start is told by its epoch and ignored.
final class PoolPolicy {
    private static final String NO_ROOM = "The model does not fit into memory: ";
    private static final Duration SOON = Duration.ofSeconds(1);

    private final PoolSettings settings;
    private final ModelSource source;
    private final Map<ModelId, ModelEntry> entries = new LinkedHashMap<>();
    private final Placement placement;
    private final Transitions moves;
    private long availableBytes;

    /// Since [#availableBytes] was read: it is now a lower bound.
    private boolean memoryMoved;

    private long movedNanos;
    private boolean closed;

    PoolPolicy(PoolSettings settings, ModelSource source) {
        this.settings = settings;
        this.source = source;
        this.moves = new Transitions(settings);
        this.placement = new Placement(settings, entries.values());
    }

    /// What is to be done since the last call.
    List<Effect> take() {
        return moves.take();
    }

    // --- Requests

    /// Grants a model that is ready, without an effect.
    ///
    /// @return the epoch of the lease; 0 if the model cannot be had at once
    int grantNow(ModelId model, Demand demand, long nowNanos) {
        ModelEntry entry = entries.get(model);
        if (entry == null || closed || entry.state != ModelState.READY || entry.isDraining()) {
            return 0;
        }
        moves.use(entry, demand, nowNanos);
        return entry.epoch;
    }

    void acquire(ModelId model, Demand demand, Claim claim, long nowNanos) {
        if (closed) {
            moves.refuse(claim, ErrorCode.SERVER_SHUTDOWN, "The server is stopping; try again later.", SOON);
            return;
        }
        ModelEntry entry = entry(model);
        if (entry.state == ModelState.READY && !entry.isDraining()) {
            moves.use(entry, demand, nowNanos);
            moves.grant(entry, claim);
        } else if (entry.state == ModelState.FAILED && nowNanos - entry.retryNanos < 0) {
            moves.refuse(
                    claim,
                    ErrorCode.MODEL_LOAD_FAILED,
                    Transitions.failed(entry),
                    Duration.ofNanos(entry.retryNanos - nowNanos));
        } else if (!demand.mayLoad() && !entry.isStarting() && !entry.isQueued()) {
            moves.refuse(
                    claim,
                    ErrorCode.MODEL_UNLOADED,
                    "The model is not in memory, and requests do not load models here; load it first.",
                    null);
        } else {
            await(entry, demand, claim, nowNanos);
        }
        advance(nowNanos);
    }

    private void await(ModelEntry entry, Demand demand, Claim claim, long nowNanos) {
        if (!demand.mayWait()) {
            entry.wanted |= demand.mayLoad();
            moves.queue(entry, nowNanos);
            advance(nowNanos);
            refuseInHaste(entry, claim, nowNanos);
        } else if (entry.waiters.size() >= settings.waitersPerModel()) {
            moves.refuse(claim, ErrorCode.QUEUE_FULL, "Too many requests wait for this model; try again later.", SOON);
        } else {
            entry.waiters.addLast(new Waiter(claim, demand, nowNanos));
            moves.awaited(claim, entry);
            moves.queue(entry, nowNanos);
        }
    }

    private void refuseInHaste(ModelEntry entry, Claim claim, long nowNanos) {
        if (entry.state == ModelState.UNLOADED) {
            moves.refuse(claim, ErrorCode.INSUFFICIENT_MEMORY, NO_ROOM + entry.failure, null);
            return;
        }
        Duration left = entry.timeLeft(nowNanos);
        moves.refuse(
                claim,
                ErrorCode.MODEL_LOADING,
                "The model is being loaded; try again later.",
                left == null || left.compareTo(SOON) < 0 ? SOON : left);
    }

    /// @return true if the claim waited and will not be answered
    boolean withdraw(Claim claim, long nowNanos) {
        ModelEntry entry = moves.noLongerAwaited(claim);
        if (entry == null) {
            return false;
        }
        entry.waiters.removeIf(waiter -> waiter.claim().equals(claim));
        if (!entry.hasDemand()) {
            moves.giveUp(entry);
        }
        moves.changed(entry);
        advance(nowNanos);
        return true;
    }

    /// Gives a lease back.
    void release(ModelId model, int epoch, long nowNanos) {
        ModelEntry entry = entries.get(model);
        if (entry == null || entry.epoch != epoch || entry.users == 0) {
            return; // of a start that was lost
        }
        entry.users--;
        entry.servedSinceStart = true;
        entry.lastUsedNanos = nowNanos;
        if (entry.users == 0) {
            if (entry.isDraining()) {
                moves.stop(entry);
            }
            advance(nowNanos);
        }
    }

    // --- Wishes about models

    void load(ModelId model, Demand demand, long nowNanos) {
        ModelEntry entry = known(model);
        if (entry == null) {
            return;
        }
        if (demand.keepAlive() != null) {
            entry.keepAlive = demand.keepAlive();
        }
        if (entry.state == ModelState.READY && !entry.isDraining()) {
            entry.lastUsedNanos = nowNanos;
        } else if (!closed) {
            entry.wanted = true;
            // Somebody asks in person: the pause after a failure is for those who only retry.
            entry.retryNanos = nowNanos;
            moves.queue(entry, nowNanos);
        }
        advance(nowNanos);
    }

    void unload(ModelId model, long nowNanos) {
        ModelEntry entry = known(model);
        if (entry == null) {
            return;
        }
        entry.pinned = false;
        entry.wanted = false;
        if (entry.state == ModelState.READY) {
            entry.unloading = true;
            if (entry.users == 0) {
                moves.stop(entry);
            }
        } else {
            moves.refuseAll(entry, ErrorCode.MODEL_UNLOADED, "The model was unloaded while it was being loaded.", null);
            moves.giveUp(entry);
        }
        moves.changed(entry);
        advance(nowNanos);
    }

    void cancelLoad(ModelId model, long nowNanos) {
        ModelEntry entry = entries.get(model);
        if (entry != null && entry.hasDemand()) {
            entry.wanted = false;
            moves.refuseAll(entry, ErrorCode.MODEL_UNLOADED, "Loading the model was cancelled.", null);
            moves.giveUp(entry);
            advance(nowNanos);
        }
    }

    void pin(ModelId model, boolean pinned, long nowNanos) {
        ModelEntry entry = known(model);
        if (entry == null) {
            return;
        }
        entry.pinned = pinned;
        if (pinned && entry.isDraining()) {
            entry.unloading = false;
            moves.stay(entry, nowNanos);
        }
        moves.changed(entry);
        advance(nowNanos);
    }

    // --- What becomes of the effects

    void progress(ModelId model, int epoch, LoadPhase phase, float fraction) {
        ModelEntry entry = entries.get(model);
        if (entry == null || entry.epoch != epoch || !entry.isStarting()) {
            return;
        }
        if (entry.hasReached(phase, fraction)) {
            moves.changed(entry);
        }
    }

    /// The epoch of the model that is ready; 0 if it is not.
    int readyEpoch(ModelId model) {
        ModelEntry entry = entries.get(model);
        return entry == null || entry.state != ModelState.READY ? 0 : entry.epoch;
    }

    /// True while this start is on its way and wanted.
    boolean isStarting(ModelId model, int epoch) {
        ModelEntry entry = entries.get(model);
        return entry != null && entry.epoch == epoch && entry.isStarting();
    }

    /// The model is in memory.
    ///
    /// @param measuredBytes what it takes; 0 if unknown
    /// @return false if nobody wants it any more: it is to be closed, and [#startEnded] to be told
    boolean started(ModelId model, int epoch, long measuredBytes, long nowNanos) {
        ModelEntry entry = entries.get(model);
        if (entry == null || entry.epoch != epoch || !entry.isStarting()) {
            return false;
        }
        entry.state = ModelState.READY;
        entry.progress = 1;
        if (measuredBytes > 0) {
            entry.measuredBytes = measuredBytes;
            entry.reservedBytes = measuredBytes;
        }
        entry.readyNanos = nowNanos;
        entry.lastUsedNanos = nowNanos;
        entry.lastLoadNanos = nowNanos - entry.startedNanos;
        entry.wanted = false;
        entry.failure = null;
        moves.grantWaiters(entry, nowNanos);
        moves.changed(entry);
        availableBytes = availableBytes == 0 ? 0 : Math.max(1, availableBytes - entry.reservedBytes);
        memoryMoved(nowNanos);
        advance(nowNanos);
        return true;
    }

    private void memoryMoved(long nowNanos) {
        memoryMoved = true;
        movedNanos = nowNanos;
    }

    /// A start has ended without a model: it failed, or it was cancelled.
    void startEnded(ModelId model, int epoch, String reason, long nowNanos) {
        ModelEntry entry = entries.get(model);
        if (entry == null || entry.epoch != epoch) {
            return;
        }
        memoryMoved(nowNanos);
        if (entry.isStarting()) {
            moves.failedStart(entry, ErrorCode.MODEL_LOAD_FAILED, reason, nowNanos);
            moves.out(entry, ModelState.FAILED);
            moves.changed(entry);
            advance(nowNanos);
        } else {
            stopped(model, epoch, nowNanos);
        }
    }

    /// A model is out of memory.
    void stopped(ModelId model, int epoch, long nowNanos) {
        ModelEntry entry = entries.get(model);
        if (entry == null || entry.epoch != epoch || entry.state != ModelState.STOPPING) {
            return;
        }
        memoryMoved(nowNanos);
        boolean pausing = entry.failure != null && nowNanos - entry.retryNanos < 0;
        moves.out(entry, pausing ? ModelState.FAILED : ModelState.UNLOADED);
        if (entry.hasDemand()) {
            moves.queue(entry, nowNanos);
        }
        moves.changed(entry);
        advance(nowNanos);
    }

    /// A model that was ready is gone by itself.
    void lost(ModelId model, int epoch, String reason, long nowNanos) {
        ModelEntry entry = entries.get(model);
        if (entry == null || entry.epoch != epoch || entry.state != ModelState.READY) {
            return;
        }
        memoryMoved(nowNanos);
        moves.lost(entry, reason, nowNanos);
        if (entry.hasDemand()) {
            moves.queue(entry, nowNanos);
        }
        moves.changed(entry);
        advance(nowNanos);
    }

    /// Time has passed.
    ///
    /// @param available what the machine has free, in bytes; 0 if unknown
    /// @param readNanos when that was read
    void tick(long nowNanos, long available, long readNanos) {
        availableBytes = available;
        memoryMoved &= available > 0 && readNanos - movedNanos <= 0;
        for (ModelEntry entry : entries.values()) {
            if (entry.isStarting()
                    && nowNanos - entry.startedNanos >= settings.loadTimeout().toNanos()) {
                moves.failedStart(
                        entry,
                        ErrorCode.MODEL_LOAD_TIMEOUT,
                        "the model was not ready within "
                                + settings.loadTimeout().toSeconds() + " s",
                        nowNanos);
                moves.giveUp(entry);
            } else if (!closed && entry.isToBeTriedAgain(nowNanos)) {
                entry.wanted |= entry.pinned;
                moves.queue(entry, nowNanos);
            }
        }
        advance(nowNanos);
    }

    /// Ends everything; what still comes is answered with a refusal.
    void close() {
        closed = true;
        for (ModelEntry entry : entries.values()) {
            entry.wanted = false;
            moves.refuseAll(entry, ErrorCode.SERVER_SHUTDOWN, "The server is stopping; try again later.", SOON);
            if (entry.state == ModelState.READY) {
                moves.stop(entry);
            } else {
                moves.giveUp(entry);
            }
        }
    }

    // --- Decisions

    private void advance(long nowNanos) {
        if (closed) {
            return;
        }
        expire(nowNanos);
        placement.overBudget(nowNanos).forEach(moves::stop);
        List<ModelEntry> queued = entries.values().stream()
                .filter(ModelEntry::isQueued)
                .sorted(Comparator.comparingLong(ModelEntry::waitingSinceNanos)
                        .thenComparing(entry -> entry.id.value()))
                .toList();
        if (queued.isEmpty()) {
            callOffSwaps(nowNanos);
        }
        for (ModelEntry entry : queued) {
            if (!place(entry, nowNanos)) {
                return;
            }
        }
    }

    /// @return false if those behind it have to wait, too
    private boolean place(ModelEntry entry, long nowNanos) {
        long starting = entries.values().stream().filter(ModelEntry::isStarting).count();
        if (starting >= settings.maxConcurrentLoads()) {
            return false;
        }
        if (!source.has(entry.id)) {
            entry.wanted = false;
            moves.refuseAll(entry, ErrorCode.MODEL_NOT_FOUND, "There is no such model here any more.", null);
            moves.giveUp(entry);
            return true;
        }
        MemoryNeed need = source.estimate(entry.id);
        long needBytes = placement.needBytes(entry, need);
        return switch (verdict(entry, need, nowNanos)) {
            case Placement.Verdict.Fits _ -> {
                moves.start(entry, needBytes, nowNanos);
                yield true;
            }
            case Placement.Verdict.Evict(List<ModelEntry> victims) -> {
                victims.forEach(moves::stop);
                entry.state = ModelState.EVICTING;
                moves.changed(entry);
                yield false;
            }
            case Placement.Verdict.Drain(List<ModelEntry> victims) -> {
                boolean waitedLong = nowNanos - entry.waitingSinceNanos()
                        >= settings.swapAfter().toNanos();
                if (waitedLong && victims.stream().allMatch(victim -> victim.wasWorthItsLoad(settings, nowNanos))) {
                    victims.forEach(this::swap);
                }
                yield false;
            }
            case Placement.Verdict.Wait _ -> false;
            case Placement.Verdict.Never(String reason) -> {
                entry.wanted = false;
                entry.failure = reason;
                entry.retryNanos = nowNanos;
                moves.refuseAll(entry, ErrorCode.INSUFFICIENT_MEMORY, NO_ROOM + reason, null);
                moves.giveUp(entry);
                yield true;
            }
        };
    }

    private Placement.Verdict verdict(ModelEntry entry, MemoryNeed need, long nowNanos) {
        Placement.Verdict verdict = placement.place(entry, need, availableBytes, nowNanos);
        if (!memoryMoved || verdict instanceof Placement.Verdict.Fits) {
            return verdict;
        }
        // What was read last is from before a model left: nobody is evicted or refused for it.
        Placement.Verdict byBudget = placement.place(entry, need, 0, nowNanos);
        return byBudget instanceof Placement.Verdict.Fits ? new Placement.Verdict.Wait() : byBudget;
    }

    private void swap(ModelEntry entry) {
        if (entry.isIdle()) {
            moves.stop(entry);
        } else if (!entry.swapping) {
            entry.swapping = true;
            moves.changed(entry);
        }
    }

    private void callOffSwaps(long nowNanos) {
        for (ModelEntry entry : entries.values()) {
            if (entry.swapping && !entry.unloading) {
                moves.stay(entry, nowNanos);
            }
        }
    }

    private void expire(long nowNanos) {
        for (ModelEntry entry : entries.values()) {
            Duration left = entry.expiresIn(settings, nowNanos);
            if (left != null && left.isZero()) {
                moves.stop(entry);
            }
        }
    }

    private ModelEntry entry(ModelId model) {
        return entries.computeIfAbsent(model, ModelEntry::new);
    }

    /// `null` for a name that is no model's: what anybody may send is not kept.
    private @Nullable ModelEntry known(ModelId model) {
        return source.has(model) ? entry(model) : entries.get(model);
    }

    // --- What others may see

    ModelStatus status(ModelId model, long nowNanos) {
        ModelEntry known = entries.get(model);
        return (known == null ? new ModelEntry(model) : known).status(settings, nowNanos);
    }

    /// Throws if the accounts do not add up.
    void checkInvariants() {
        int waiters = 0;
        for (ModelEntry entry : entries.values()) {
            waiters += entry.waiters.size();
            entry.checkInvariants(closed);
        }
        if (waiters != moves.awaiting()) {
            throw new IllegalStateException("waiters: " + waiters + " (expected: " + moves.awaiting() + ")");
        }
    }
}
