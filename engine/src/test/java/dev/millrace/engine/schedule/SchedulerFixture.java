package dev.millrace.engine.schedule;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// A scheduler with a fake KV cache and virtual time, stepped by hand.
final class SchedulerFixture {
    static final double BASE = 5e6;
    static final double PER_DECODE = 1e6;
    static final double PER_PREFILL = 1e6;

    final FakeKv kv;
    final Scheduler<Sequence> scheduler;
    final SchedulerLimits limits;
    final List<Sequence> sequences = new ArrayList<>();
    long nowNanos;
    long computedBeside;
    private int nextId;
    private @Nullable Sequence beside;
    private int slicesLeft;

    /// Slices of time that the next chunk beside the steps takes; 0 if it fails.
    IntSupplier besideSlices = () -> 3;

    SchedulerFixture(SchedulerLimits limits) {
        this.limits = limits;
        kv = new FakeKv(limits.slots(), limits.canCut());
        scheduler = new Scheduler<>(limits, new StepCost(BASE, PER_DECODE, PER_PREFILL, 1, 1), kv);
    }

    static SchedulerFixture with(int runningSlots, int keptSlots, int kvCells, int contextTokens) {
        return new SchedulerFixture(new SchedulerLimits(
                contextTokens,
                kvCells,
                runningSlots + keptSlots,
                runningSlots,
                512,
                100_000_000,
                500_000_000,
                0,
                true));
    }

    /// On a backend that computes prompts of up to `tokens` beside the steps.
    static SchedulerFixture computingBeside(int tokens) {
        return new SchedulerFixture(
                new SchedulerLimits(8_192, 16_384, 4, 4, 512, 100_000_000, 500_000_000, tokens, true));
    }

    /// On a backend whose sequences cannot be cut.
    static SchedulerFixture recurrent() {
        return new SchedulerFixture(new SchedulerLimits(4_096, 16_384, 8, 4, 512, 100_000_000, 500_000_000, 0, false));
    }

    static int[] prompt(int length, int seed) {
        int[] tokens = new int[length];
        for (int i = 0; i < length; i++) {
            tokens[i] = Math.floorMod(seed * 7919 + i * 104_729, 1000);
        }
        return tokens;
    }

    Sequence submit(int[] prompt, int maxTokens) {
        return submit(prompt, maxTokens, Share.DEFAULT);
    }

    Sequence submit(int[] prompt, int maxTokens, Share share) {
        return submit(prompt, maxTokens, share, false);
    }

    Sequence submit(int[] prompt, int maxTokens, Share share, boolean repeatable) {
        Sequence sequence = new Sequence(new RequestId("r" + nextId++), share, prompt, maxTokens, nowNanos, repeatable);
        scheduler.add(sequence);
        sequences.add(sequence);
        return sequence;
    }

    /// Submits and steps until it has generated its first token.
    Sequence decoding(int[] prompt, int maxTokens) {
        Sequence sequence = submit(prompt, maxTokens);
        for (int i = 0; i < 10_000 && sequence.generatedTokens() == 0; i++) {
            step();
        }
        return sequence;
    }

    /// Plans, "runs" and completes one step; finished sequences are ended. Returns the tokens of each sequence by
    /// index.
    Step step() {
        StepPlan<Sequence> plan = scheduler.plan(nowNanos);
        scheduler.checkInvariants();
        Step step = new Step(
                new ArrayList<>(),
                plan.totalTokens(),
                plan.decodeTokens(),
                plan.prefillTokens(),
                scheduler.besideTokens());
        List<Sequence> sampled = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            Sequence sequence = plan.sequence(i);
            for (int p = plan.from(i); p < plan.from(i) + plan.count(i); p++) {
                kv.compute(sequence.slot(), p, sequence.token(p));
            }
            if (plan.samples(i)) {
                sampled.add(sequence);
            }
            step.entries().add(new Entry(sequence, plan.count(i)));
        }
        long nanos = (long) (BASE + PER_DECODE * plan.decodeTokens() + PER_PREFILL * plan.prefillTokens());
        nowNanos += nanos;
        scheduler.completed(nanos);
        computeBeside();
        for (Sequence sequence : sampled) {
            sequence.append(kv.nextToken(sequence.slot()));
            if (!sequence.hasRoom()) {
                scheduler.finish(sequence);
            }
        }
        scheduler.checkInvariants();
        return step;
    }

    /// One slice of the chunk beside, if there is one.
    private void computeBeside() {
        Sequence planned = scheduler.beside();
        if (planned == null) {
            beside = null;
            return;
        }
        nowNanos += (long) BASE;
        if (!planned.equals(beside)) {
            beside = planned;
            slicesLeft = besideSlices.getAsInt();
            if (slicesLeft == 0) {
                scheduler.besideDropped();
                beside = null;
                return;
            }
        }
        if (--slicesLeft == 0) {
            int from = planned.computed();
            for (int p = from; p < from + scheduler.besideTokens(); p++) {
                kv.compute(planned.slot(), p, planned.token(p));
            }
            scheduler.besideCompleted();
            computedBeside += planned.computed() - from;
            beside = null;
        }
    }

    static List<Integer> soloTokens(int[] prompt, int generated) {
        List<Integer> tokens = new ArrayList<>();
        for (int token : prompt) {
            tokens.add(token);
        }
        for (int i = 0; i < generated; i++) {
            tokens.add(FakeKv.nextToken(tokens));
        }
        return tokens;
    }

    static List<Integer> tokens(Sequence sequence) {
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < sequence.known(); i++) {
            tokens.add(sequence.token(i));
        }
        return tokens;
    }

    record Entry(Sequence sequence, int tokens) {}

    record Step(List<Entry> entries, int totalTokens, int decodeTokens, int prefillTokens, int besideTokens) {
        int tokensOf(Sequence sequence) {
            return entries.stream()
                    .filter(e -> e.sequence().equals(sequence))
                    .mapToInt(Entry::tokens)
                    .sum();
        }
    }
}
