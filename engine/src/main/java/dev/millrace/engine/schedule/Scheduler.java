package dev.millrace.engine.schedule;

import dev.millrace.engine.schedule.SlotTable.Match;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Decides each step of a continuous batch. *Confined to the engine thread; performs no effects but [KvEffects].*
///
/// The caller's cycle: [#plan], run the step, then [#completed] (or [#rolledBack] if it did not run),
/// [Sequence#append] the sampled tokens, [#finish] what ended.
///
/// ## Who runs
/// 1. Waiting sequences take free slots in the order of [FairQueue], while the KV cache has room for their whole
/// prompt beside what the running ones still have to compute. Nobody overtakes the one that is next, so big prompts
/// do not starve behind small ones.
/// 2. Every decoding sequence gets its token. If cells run out, prefixes kept for reuse go first (least recently
/// used), then the youngest running sequence is preempted: its KV is dropped, it waits in its old place and is
/// recomputed. The oldest one is never preempted for a younger one and fits the cache alone, so there is always
/// progress.
/// 3. What is left of the step-time budget goes to prompts in chunks, the one with the least left to do first,
/// ageing as in the queue. The first of them always gets a few tokens, so prompts advance however slow decoding is.
/// A long one is computed beside the steps if the backend can do that ([PromptPlanner]).
///
/// ## Prefixes
/// A sequence starts with the longest prefix that any slot, live or kept, has in its KV. If a running sequence is
/// about to compute a longer one, the newcomer waits for it instead of computing the same tokens beside it. Of a model
/// whose sequences cannot be cut, only a kept one is gone on with, from its end.
/// A repeatable sequence that starts alone starts in an empty cache, and its prompt is computed in chunks of a fixed
/// size.
public final class Scheduler<S extends Sequence> {
    static final int MIN_KEPT_TOKENS = 8;
    static final int WORTH_WAITING_FOR = 64;
    static final int TAIL_WORTH_LOSING = 32;

    private final SchedulerLimits limits;
    private final StepCost cost;
    private final KvEffects effects;
    private final KvCells cells;
    private final SlotTable<S> slots;
    private final FairQueue<S> waiting;
    private final List<S> running = new ArrayList<>();
    private final Predicate<S> startsNow = this::shouldStartNow;
    private final StepPlan<S> plan;
    private final PromptPlanner<S> prompts;
    private long preemptions;

    /// @param effects applied while [#plan] and [#finish] run, always before the step they are for
    public Scheduler(SchedulerLimits limits, StepCost cost, KvEffects effects) {
        this.limits = limits;
        this.cost = cost;
        this.effects = effects;
        cells = new KvCells(limits.kvCells(), limits.slots());
        slots = new SlotTable<>(limits.slots(), limits.canCut());
        waiting = new FairQueue<>(cost);
        plan = new StepPlan<>(limits.runningSlots());
        prompts = new PromptPlanner<>(limits, cost, cells, this::cellsFor, waiting, running, plan);
    }

    /// Adds a sequence whose prompt and answer together fit the context.
    public void add(S sequence) {
        if (sequence.mostTokens() > limits.contextTokens()) {
            throw new IllegalArgumentException(
                    "tokens: " + sequence.mostTokens() + " (expected: <= context " + limits.contextTokens() + ")");
        }
        waiting.add(sequence);
    }

    /// Stops planning tokens for a sequence until [#resume], because its consumer does not keep up.
    public void pause(S sequence) {
        sequence.paused = true;
    }

    /// Plans tokens for it again.
    public void resume(S sequence) {
        sequence.paused = false;
    }

    /// Decides the next step. The plan is valid until the next call.
    ///
    /// @param nowNanos the time, read once by the caller for this step
    public StepPlan<S> plan(long nowNanos) {
        plan.clear();
        admit(nowNanos);
        planDecodes();
        prompts.addPrompts(nowNanos);
        while (plan.size() == 0 && prompts.beside() == null && hasUnpausedWork() && running.size() > 1) {
            // Prompts only, and no cell left for any of them: paused sequences or half-computed prompts hold them
            // all.
            preempt(victim());
            prompts.addPrompts(nowNanos);
        }
        return plan;
    }

    /// The planned step ran.
    ///
    /// @param stepNanos how long it took; teaches the cost model
    public void completed(long stepNanos) {
        for (int i = 0; i < plan.size(); i++) {
            plan.sequence(i).computed += plan.count(i);
        }
        cost.observe(plan.decodeTokens(), plan.prefillTokens(), plan.attendedTokens(), stepNanos);
    }

    /// The planned step did not run, or not to its end: its tokens are still to be computed. So are all tokens of its
    /// sequences where they cannot be cut.
    public void rolledBack() {
        for (int i = 0; i < plan.size(); i++) {
            S sequence = plan.sequence(i);
            if (sequence.slot != Sequence.NO_SLOT) {
                sequence.computed = limits.canCut() ? sequence.computed : 0;
                cells.truncate(sequence.slot, sequence.computed);
                effects.truncate(sequence.slot, sequence.computed);
            }
        }
        plan.clear();
    }

    /// The sequence of which [#besideTokens] from [Sequence#computed] on are to be computed beside the steps,
    /// which go on meanwhile; null if none. It stays until [#besideCompleted] or [#besideDropped], or until it is
    /// preempted or ends.
    public @Nullable S beside() {
        return prompts.beside();
    }

    /// Tokens of the chunk beside; 0 without one.
    public int besideTokens() {
        return prompts.besideTokens();
    }

    /// The chunk beside is in the slot's KV.
    public void besideCompleted() {
        prompts.besideCompleted();
    }

    /// The chunk beside could not be computed: its tokens are still to be.
    public void besideDropped() {
        S sequence = prompts.beside();
        if (sequence != null) {
            cells.truncate(sequence.slot, sequence.computed);
            effects.truncate(sequence.slot, sequence.computed);
            prompts.forgetBeside();
        }
    }

    /// Ends a sequence in any phase. What it computed stays for reuse until the room is needed.
    public void finish(S sequence) {
        switch (sequence.phase) {
            case WAITING -> waiting.remove(sequence);
            case RUNNING -> {
                leave(sequence);
                keepOrFree(sequence);
            }
            case DONE -> {
                return;
            }
        }
        sequence.phase = Sequence.Phase.DONE;
    }

    /// The backend had no room although the accounts say so: drop all kept prefixes, or else preempt the youngest.
    ///
    /// @return false if a single sequence is left, for which there is no more room to be made
    public boolean makeRoom() {
        if (dropKept()) {
            return true;
        }
        if (running.size() < 2) {
            return false;
        }
        preempt(victim());
        return true;
    }

    /// Sequences with a slot.
    public int runningCount() {
        return running.size();
    }

    /// Sequences without a slot.
    public int waitingCount() {
        return waiting.size();
    }

    /// Cells in use, kept ones included.
    public int usedCells() {
        return cells.used();
    }

    /// Cells held only for reuse.
    public int keptCells() {
        return cells.reclaimable();
    }

    /// Sequences preempted so far.
    public long preemptions() {
        return preemptions;
    }

    /// The learnt cost of a step.
    public StepCost cost() {
        return cost;
    }

    // --- Who gets a slot

    private void admit(long nowNanos) {
        while (running.size() < limits.runningSlots() && waiting.size() > 0) {
            S next = waiting.next(nowNanos, startsNow);
            if (next == null) {
                return;
            }
            if (next.repeatable && running.isEmpty()) {
                // Neither prefixes computed in other steps nor the places they take may show in the results.
                dropKept();
            }
            Match match = slots.longestMatch(next);
            if (!hasRoomFor(next, match)) {
                return;
            }
            start(next, match);
        }
    }

    /// Returns false if there were none.
    private boolean dropKept() {
        boolean any = false;
        while (evictLeastRecent(Sequence.NO_SLOT)) {
            any = true;
        }
        return any;
    }

    private boolean shouldStartNow(S sequence) {
        if (running.isEmpty()) {
            return true;
        }
        int coming = slots.longestComing(sequence);
        return coming < WORTH_WAITING_FOR
                || coming - slots.longestMatch(sequence).tokens() < WORTH_WAITING_FOR;
    }

    private boolean hasRoomFor(S sequence, Match match) {
        if (running.isEmpty()) {
            return true;
        }
        int promised = 0;
        for (S other : running) {
            promised += other.remaining();
        }
        int takenByOthers = cells.used() - cells.reclaimable() + promised;
        boolean matchIsLive = match.slot() != Sequence.NO_SLOT && !slots.isKept(match.slot());
        int wanted = sequence.known() - (matchIsLive ? match.tokens() : 0) + headroom();
        return takenByOthers + wanted <= cells.total();
    }

    /// Room for the answers of those that run, so that a newcomer does not cause a preemption in the very next
    /// steps.
    private int headroom() {
        return Math.min(cells.total() / 16, PromptPlanner.MIN_CHUNK * running.size());
    }

    private void start(S sequence, Match match) {
        waiting.take(sequence);
        int slot = slotFor(match);
        int reused = match.tokens();
        if (slot == match.slot()) {
            cells.truncate(slot, reused);
            effects.truncate(slot, reused);
        } else if (reused > 0) {
            cells.share(match.slot(), slot, reused);
            effects.copyPrefix(match.slot(), slot, reused);
            slots.touch(match.slot());
        }
        cells.reserve(slot, sequence.mostTokens());
        cells.setLive(slot, true);
        slots.run(slot, sequence);
        sequence.slot = slot;
        sequence.computed = reused;
        if (sequence.preemptions == 0) {
            sequence.cached = reused;
        }
        sequence.phase = Sequence.Phase.RUNNING;
        running.add(sequence);
    }

    /// A slot to run in: the matching one itself if it is only kept and little of it would be lost; else a free
    /// one, else the least recently used kept one, emptied.
    private int slotFor(Match match) {
        int matching = match.slot();
        boolean takeOver = matching != Sequence.NO_SLOT
                && slots.isKept(matching)
                && slots.keptTokens(matching) - match.tokens() <= TAIL_WORTH_LOSING;
        if (takeOver) {
            return matching;
        }
        int free = slots.firstFree();
        if (free != Sequence.NO_SLOT) {
            return free;
        }
        if (evictLeastRecent(matching)) {
            return slots.firstFree();
        }
        // Fewer run than there are slots, so some slot is kept: the matching one is the only one left.
        return matching;
    }

    // --- What the step computes

    private void planDecodes() {
        int decoding = 0;
        // By index here and below: this runs each step, and an iterator would be garbage each step.
        for (int i = 0; i < running.size(); i++) {
            decoding += wantsDecode(running.get(i)) ? 1 : 0;
        }
        while (cells.free() < decoding) {
            if (!evictLeastRecent(Sequence.NO_SLOT)) {
                S victim = victim();
                decoding -= wantsDecode(victim) ? 1 : 0;
                preempt(victim);
            }
        }
        for (int i = 0; i < running.size(); i++) {
            S sequence = running.get(i);
            if (wantsDecode(sequence)) {
                cells.append(sequence.slot, 1);
                plan.addDecode(sequence);
            }
        }
    }

    private static boolean wantsDecode(Sequence sequence) {
        return sequence.isDecoding() && !sequence.paused;
    }

    /// True if something could be computed now: not everyone waits for a slow consumer.
    public boolean hasWork() {
        return running.isEmpty() ? waitingCount() > 0 : hasUnpausedWork();
    }

    private boolean hasUnpausedWork() {
        for (int i = 0; i < running.size(); i++) {
            if (!running.get(i).paused) {
                return true;
            }
        }
        return false;
    }

    // --- Room in the KV cache

    /// Frees cells until `wanted` are free or nothing kept is left; returns how many are free.
    private int cellsFor(int wanted) {
        while (cells.free() < wanted && evictLeastRecent(Sequence.NO_SLOT)) {
            // Each turn drops one kept prefix.
        }
        return cells.free();
    }

    private boolean evictLeastRecent(int except) {
        int slot = slots.leastRecentlyKept(except);
        if (slot == Sequence.NO_SLOT) {
            return false;
        }
        empty(slot);
        return true;
    }

    private void empty(int slot) {
        cells.truncate(slot, 0);
        cells.setLive(slot, false);
        effects.truncate(slot, 0);
        slots.free(slot);
    }

    /// The one to preempt: paused ones first, for they do not use what they hold; then the youngest.
    private S victim() {
        S victim = running.getFirst();
        for (S sequence : running) {
            boolean better = sequence.paused == victim.paused ? sequence.order > victim.order : sequence.paused;
            victim = better ? sequence : victim;
        }
        return victim;
    }

    private void leave(S sequence) {
        running.remove(sequence);
        prompts.left(sequence);
    }

    private void preempt(S sequence) {
        leave(sequence);
        empty(sequence.slot);
        sequence.slot = Sequence.NO_SLOT;
        sequence.computed = 0;
        sequence.preemptions++;
        sequence.phase = Sequence.Phase.WAITING;
        waiting.putBack(sequence);
        preemptions++;
    }

    private void keepOrFree(S sequence) {
        int slot = sequence.slot;
        sequence.slot = Sequence.NO_SLOT;
        cells.truncate(slot, sequence.computed);
        effects.truncate(slot, sequence.computed);
        if (sequence.computed < MIN_KEPT_TOKENS) {
            empty(slot);
        } else {
            cells.setLive(slot, false);
            slots.keep(slot, sequence);
        }
    }

    /// Checks that the accounts add up.
    ///
    /// @throws IllegalStateException naming the one that does not
    public void checkInvariants() {
        cells.checkInvariants();
        for (int slot = 0; slot < slots.size(); slot++) {
            S runner = slots.runner(slot);
            int expected = runner != null ? runner.computed : slots.keptTokens(slot);
            expected += runner != null && runner.equals(prompts.beside()) ? prompts.besideTokens() : 0;
            boolean planned = runner != null && plan.tokensOf(runner) > 0;
            int held = cells.length(slot);
            check(
                    planned ? held >= expected : held == expected,
                    "slot " + slot + " holds " + held + " cells",
                    expected);
            check(runner == null || (runner.slot == slot && running.contains(runner)), "runner of slot", slot);
        }
        for (S sequence : running) {
            check(sequence.phase == Sequence.Phase.RUNNING, sequence.id() + " phase", Sequence.Phase.RUNNING);
            check(sequence.equals(slots.runner(sequence.slot)), sequence.id() + " slot", sequence.slot);
            check(sequence.computed < sequence.known(), sequence.id() + " computed", sequence.known());
        }
        for (int i = 0; i < waiting.size(); i++) {
            check(waiting.at(i).slot == Sequence.NO_SLOT, waiting.at(i).id() + " waits without a slot", "no slot");
        }
        S beside = prompts.beside();
        check(beside == null || (running.contains(beside) && plan.tokensOf(beside) == 0), "beside", "not in a step");
        check(running.size() <= limits.runningSlots(), "running " + running.size(), limits.runningSlots());
        check(plan.totalTokens() <= limits.batchTokens(), "step " + plan.totalTokens(), limits.batchTokens());
    }

    private static void check(boolean holds, String what, Object expected) {
        if (!holds) {
            throw new IllegalStateException(what + " (expected: " + expected + ")");
        }
    }
}
