package dev.millrace.engine.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Decides which prompt tokens the next step computes, and which are computed beside the steps. *Confined to the
/// engine thread.*
///
/// A long prompt is computed beside the steps, where the backend can do that, while others decode: there its chunks
/// may take longer than the gap between two tokens. At most one is; the others share the steps.
final class PromptPlanner<S extends Sequence> {
    static final int MIN_CHUNK = 16;

    // Several attention tiles: with one, attention takes a third longer for each token.
    private static final int BESIDE_CHUNK = 256;
    private static final int STEPS_WORTH_A_LANE = 2;

    // By time it would be other chunks each time, and so other roundings. An attention tile of llama.cpp.
    static final int REPEATABLE_CHUNK = 64;

    private final SchedulerLimits limits;
    private final StepCost cost;
    private final KvCells cells;
    private final IntUnaryOperator cellsFor;
    private final FairQueue<S> waiting;
    private final List<S> running;
    private final StepPlan<S> plan;
    private final List<S> prefilling = new ArrayList<>();
    private @Nullable S beside;
    private int besideTokens;
    private @Nullable S lastBeside;
    private boolean othersWait;

    /// @param cellsFor frees cells until so many are free, if it can, and says how many are
    PromptPlanner(
            SchedulerLimits limits,
            StepCost cost,
            KvCells cells,
            IntUnaryOperator cellsFor,
            FairQueue<S> waiting,
            List<S> running,
            StepPlan<S> plan) {
        this.limits = limits;
        this.cost = cost;
        this.cells = cells;
        this.cellsFor = cellsFor;
        this.waiting = waiting;
        this.running = running;
        this.plan = plan;
    }

    /// Adds prompt tokens to the plan, which holds the decodes already.
    void addPrompts(long nowNanos) {
        collectPrefilling(nowNanos);
        boolean decoding = plan.decodeTokens() > 0;
        double budget = !decoding && beside == null ? limits.soloBudgetNanos() : limits.stepBudgetNanos();
        double left = budget - cost.predictNanos(plan.decodeTokens(), 0, plan.attendedTokens());
        if (decoding && beside == null) {
            startBeside(left);
        }
        if (beside != null) {
            // The rest of the gap is for the one beside, also when nobody decodes: both prompts go on.
            left -= budget / 2;
        }
        if (running.size() == 1 && !prefilling.isEmpty() && prefilling.getFirst().repeatable) {
            addFixedChunk(prefilling.getFirst());
        } else if (!prefilling.isEmpty()) {
            addChunks(left, stepTokens(left, prefilling.getFirst().computed));
        }
        othersWait = !prefilling.isEmpty() || !decoding;
        prefilling.clear();
    }

    /// The sequence whose prompt is computed beside the steps.
    @Nullable
    S beside() {
        return beside;
    }

    /// Tokens of its chunk, from its [Sequence#computed] on.
    int besideTokens() {
        return besideTokens;
    }

    /// The chunk beside is in the KV cache. The next one of the same prompt begins at once, unless another prompt may
    /// be more urgent.
    void besideCompleted() {
        S sequence = beside;
        if (sequence == null) {
            return;
        }
        sequence.computed += besideTokens;
        forgetBeside();
        int chunk = besideChunk(sequence);
        if (!othersWait && chunk > 0 && chunk <= cells.free()) {
            takeBeside(sequence, chunk);
        }
    }

    private void takeBeside(S sequence, int tokens) {
        cells.append(sequence.slot, tokens);
        beside = sequence;
        besideTokens = tokens;
        lastBeside = sequence;
    }

    /// The chunk will not be computed; the caller has settled the account of its cells.
    void forgetBeside() {
        beside = null;
        besideTokens = 0;
    }

    /// The sequence does not run any more.
    void left(S sequence) {
        if (sequence.equals(beside)) {
            forgetBeside();
        }
        if (sequence.equals(lastBeside)) {
            lastBeside = null;
        }
    }

    /// Running sequences with a prompt to compute in steps, the one with the least left (less its age) first.
    private void collectPrefilling(long nowNanos) {
        for (int i = 0; i < running.size(); i++) {
            S sequence = running.get(i);
            boolean inSteps = !sequence.isDecoding() && !sequence.paused && !sequence.equals(beside);
            if (inSteps && sequence.remaining() > 0) {
                int at = prefilling.size();
                while (at > 0 && isBefore(sequence, prefilling.get(at - 1), nowNanos)) {
                    at--;
                }
                prefilling.add(at, sequence);
            }
        }
    }

    private boolean isBefore(S a, S b, long nowNanos) {
        double left = waiting.impatience(a, nowNanos) / a.share().weight();
        double right = waiting.impatience(b, nowNanos) / b.share().weight();
        return left != right ? left < right : a.order < b.order;
    }

    /// Takes the first prompt that would need several steps, or of which a part was computed beside them.
    private void startBeside(double stepNanos) {
        for (int i = 0; i < prefilling.size(); i++) {
            S sequence = prefilling.get(i);
            int inOneStep = stepTokens(stepNanos, sequence.computed);
            boolean worthIt = sequence.remaining() > STEPS_WORTH_A_LANE * inOneStep || sequence.equals(lastBeside);
            int wanted = besideChunk(sequence);
            if (worthIt && wanted > 0 && sequence.known() <= limits.besideContextTokens()) {
                int chunk = Math.min(wanted, cellsFor.applyAsInt(wanted));
                if (chunk > 0) {
                    takeBeside(sequence, chunk);
                    prefilling.remove(i);
                }
                return;
            }
        }
    }

    /// Whole tiles, fewer where each takes long: a chunk beside can only be put aside between its layers. Never the
    /// last token, which is left to a step.
    private int besideChunk(S sequence) {
        int tile = cost.tileTokens();
        int affordable = cost.prefillTokensWithin((double) limits.soloBudgetNanos(), sequence.computed, true);
        int tiles = Math.max(1, Math.min(affordable, BESIDE_CHUNK) / tile);
        return Math.min(sequence.remaining() - 1, Math.min(tiles * tile, limits.batchTokens()));
    }

    /// Most prompt tokens of a step: whole attention tiles, for a part of one takes as long as a whole, or less than
    /// one if not even that is affordable, or all that is wanted.
    private int stepTokens(double nanos, int position) {
        int wanted = 0;
        for (int i = 0; i < prefilling.size(); i++) {
            wanted += prefilling.get(i).remaining();
        }
        int decoding = plan.decodeTokens();
        int most = Math.min(wanted, limits.batchTokens() - decoding);
        int tile = cost.tileTokens();
        int tiles = (decoding + cost.prefillTokensWithin(nanos, position, true)) / tile;
        int inTiles = Math.clamp((long) tiles * tile - decoding, 0, most);
        if (inTiles >= Math.min(MIN_CHUNK, most)) {
            return inTiles;
        }
        int belowTile = Math.max(tile - 1 - decoding, MIN_CHUNK);
        int affordable = Math.max(cost.prefillTokensWithin(nanos, position, false), MIN_CHUNK);
        return Math.min(most, Math.min(belowTile, affordable));
    }

    private void addFixedChunk(S sequence) {
        int chunk = Math.min(Math.min(REPEATABLE_CHUNK, limits.batchTokens()), sequence.remaining());
        chunk = Math.min(chunk, cellsFor.applyAsInt(chunk));
        if (chunk > 0) {
            cells.append(sequence.slot, chunk);
            plan.addPrefill(sequence, chunk);
        }
    }

    private void addChunks(double nanos, int tokens) {
        boolean wide = cost.isWide(plan.decodeTokens() + tokens);
        double left = nanos;
        int room = tokens;
        for (int i = 0; i < prefilling.size() && room > 0; i++) {
            S sequence = prefilling.get(i);
            int affordable = cost.prefillTokensWithin(left, sequence.computed, wide);
            if (plan.prefillTokens() == 0) {
                affordable = Math.max(affordable, MIN_CHUNK);
            }
            int chunk = Math.min(Math.min(sequence.remaining(), affordable), room);
            chunk = Math.min(chunk, cellsFor.applyAsInt(chunk));
            if (chunk > 0) {
                left -= cost.prefillNanos(chunk, sequence.computed, wide);
                room -= chunk;
                cells.append(sequence.slot, chunk);
                plan.addPrefill(sequence, chunk);
            }
        }
    }
}
