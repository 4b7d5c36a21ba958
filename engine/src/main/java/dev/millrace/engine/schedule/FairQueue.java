package dev.millrace.engine.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Who waits, and who is next: start-time fair queueing over share keys, with short prompts first as long as the
/// long ones have not waited for as long as they would run. *Confined to the engine thread.*
///
/// A sequence gets a start tag when it arrives: the later of the virtual time and the end of its key's previous
/// sequence, where a sequence lasts `expected engine seconds / weight`. Serving in tag order gives each busy key
/// engine time in proportion to its weight, and a tag never grows afterwards, so nobody starves. On top comes the
/// time the prompt needs, which shrinks to zero while it waits (ageing).
///
/// Source of the rule: Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996.
final class FairQueue<S extends Sequence> {
    private static final int EXPECTED_ANSWER_TOKENS = 256;
    private static final int MANY_KEYS = 1024;

    private final StepCost cost;
    private final List<S> waiting = new ArrayList<>();
    private final Map<String, Double> finishTagOf = new HashMap<>();
    private double virtualTime;
    private long nextOrder;

    FairQueue(StepCost cost) {
        this.cost = cost;
    }

    int size() {
        return waiting.size();
    }

    S at(int index) {
        return waiting.get(index);
    }

    /// Adds a new sequence behind those of its key.
    void add(S sequence) {
        int answer = Math.min(sequence.mostTokens() - sequence.known(), EXPECTED_ANSWER_TOKENS);
        double nanos = cost.prefillNanos(sequence.known(), 0, true) + answer * cost.predictNanos(1, 0, 0);
        String key = sequence.share().key();
        double start = Math.max(virtualTime, finishTagOf.getOrDefault(key, 0.0));
        sequence.startTag = start;
        sequence.order = nextOrder++;
        finishTagOf.put(key, start + nanos / sequence.share().weight());
        if (finishTagOf.size() > MANY_KEYS) {
            finishTagOf.values().removeIf(tag -> tag <= virtualTime);
        }
        waiting.add(sequence);
    }

    /// Puts a preempted sequence back; it keeps its tag and its place.
    void putBack(S sequence) {
        waiting.add(sequence);
    }

    boolean remove(S sequence) {
        return waiting.remove(sequence);
    }

    /// The sequence to start next among those that are `eligible`; it stays in the queue until [#take].
    @Nullable
    S next(long nowNanos, Predicate<S> eligible) {
        S best = null;
        double bestScore = 0;
        for (int i = 0; i < waiting.size(); i++) {
            S sequence = waiting.get(i);
            if (sequence.paused || !eligible.test(sequence)) {
                continue;
            }
            double score = sequence.startTag + impatience(sequence, nowNanos);
            boolean better = best == null || score < bestScore || (score == bestScore && sequence.order < best.order);
            if (better) {
                best = sequence;
                bestScore = score;
            }
        }
        return best;
    }

    void take(S sequence) {
        waiting.remove(sequence);
        virtualTime = Math.max(virtualTime, sequence.startTag);
    }

    /// Engine time the rest of the prompt needs, less the time waited, at least 0.
    double impatience(S sequence, long nowNanos) {
        double needed = cost.prefillNanos(sequence.remaining(), sequence.computed, true);
        return Math.max(0, needed - (nowNanos - sequence.arrivalNanos()));
    }
}
