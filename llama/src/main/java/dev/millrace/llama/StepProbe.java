package dev.millrace.llama;

import dev.millrace.core.time.NanoClock;
import dev.millrace.llama.ffm.DecodeResult;
import dev.millrace.llama.ffm.LlamaContext;
import dev.millrace.llama.ffm.LlamaException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Times first steps on an empty context: to choose the number of threads, and for the scheduler to plan with.
/// Confined to the engine thread.
///
/// More threads are not always faster: llama.cpp's threads spin at barriers, so one that has to share its core with
/// anything else stops all others. Hence fewer threads win unless more are clearly faster.
///
/// What counts is a step of one token together with one of several: a lone sequence waits for memory, which
/// one thread may use up already, where several of them, and prompts, compute.
///
/// A few steps that something disturbed say little: it can only make them longer, and rented machines stand
/// still for 50 ms now and then. What disturbs most of the steps counts.
final class StepProbe {
    private static final int STEPS = 9;
    private static final int MAX_SEQUENCES = 4;
    private static final int PROMPT_TOKENS = 64;
    private static final int PROMPT_TOKENS_IF_SLOW = 16;
    private static final long SLOW_STEP_NANOS = 10_000_000;
    private static final long ENOUGH_NANOS = 60_000_000;

    // Such a step is mostly overhead, of which more threads add more.
    private static final long FAST_ENOUGH_NANOS = 1_000_000;
    private static final double CLEARLY_FASTER = 0.9;

    private final LlamaContext context;
    private final Cores cores;
    private final NanoClock clock;
    private final int token;
    private final int sequences;
    private final int batchTokens;
    private final int maxPositions;
    private int position;
    private int lastWidth;
    private int threads = 1;

    /// @param cores each step takes all that it has threads for, so that what others compute is not measured
    /// @param token any plain token
    StepProbe(LlamaContext context, Cores cores, NanoClock clock, int token, int slots, int batchTokens) {
        this.context = context;
        this.cores = cores;
        this.clock = clock;
        this.token = token;
        this.sequences = Math.min(MAX_SEQUENCES, Math.min(slots, batchTokens));
        this.batchTokens = batchTokens;
        this.maxPositions = context.kvCells() / (2 * sequences);
    }

    /// What steps take with some number of threads.
    ///
    /// @param one a step of one token
    /// @param several a step of one token each for up to [#MAX_SEQUENCES] sequences
    private record Times(long one, long several) {
        boolean clearlyBelow(Times others) {
            return one + several < CLEARLY_FASTER * (others.one + others.several);
        }
    }

    /// Measures with the best number of threads up to `maxThreads`, and leaves the context empty and set to it.
    MeasuredCost best(int maxThreads) {
        threads(1);
        run(1, false); // the first step makes what later ones reuse
        int best = 1;
        Times bestTimes = times();
        for (int count = 2; count <= maxThreads && bestTimes.one > FAST_ENOUGH_NANOS; count = next(count, maxThreads)) {
            threads(count);
            Times times = timesUnlessCollapsed(bestTimes);
            if (times != null && times.clearlyBelow(bestTimes)) {
                best = count;
                bestTimes = times;
            }
        }
        threads(best);
        return cost(bestTimes);
    }

    /// On a busy machine one step of spinning threads may take as long as a hundred: two of them say enough.
    private @Nullable Times timesUnlessCollapsed(Times best) {
        long first = run(1, false);
        long second = run(1, false);
        return Math.min(first, second) > STEPS * best.one ? null : times();
    }

    private static int next(int threads, int max) {
        return threads == max ? max + 1 : Math.min(2 * threads, max);
    }

    /// Measures with this number of threads, and leaves the context empty and set to it.
    MeasuredCost with(int count) {
        threads(count);
        run(1, false);
        return cost(times());
    }

    private Times times() {
        long one = lowerQuartile(1);
        return new Times(one, sequences == 1 ? one : lowerQuartile(sequences));
    }

    private MeasuredCost cost(Times times) {
        long slope = sequences == 1 ? 0 : Math.max(0, (times.several - times.one) / (sequences - 1));
        int tokens = Math.min(times.one > SLOW_STEP_NANOS ? PROMPT_TOKENS_IF_SLOW : PROMPT_TOKENS, batchTokens);
        tokens = Math.min(tokens, context.kvCells() / 2);
        long cold = run(tokens, true);
        long prompt = Math.min(cold, run(tokens, true));
        context.clearSequences();
        return new MeasuredCost(threads, times.one, slope, prompt / tokens);
    }

    private void threads(int count) {
        threads = count;
        context.threads(count);
    }

    private long lowerQuartile(int width) {
        long[] nanos = new long[STEPS];
        int count = 0;
        for (long sum = 0; count < STEPS && (count < 3 || sum < ENOUGH_NANOS); count++) {
            nanos[count] = run(width, false);
            sum += nanos[count];
        }
        Arrays.sort(nanos, 0, count);
        return nanos[count / 4];
    }

    /// One step of `width` tokens: of as many sequences, or all of one.
    private long run(int width, boolean prompt) {
        // All sequences of a step are equally long: those that a narrower one left out begin anew, with the others.
        if (prompt || position >= maxPositions || width > lastWidth) {
            context.clearSequences();
            position = 0;
        }
        lastWidth = width;
        context.clearBatch();
        for (int i = 0; i < width; i++) {
            context.add(token, prompt ? i : position, prompt ? 0 : i, prompt ? i == width - 1 : true);
        }
        position++;
        cores.take(threads, threads);
        try {
            long start = clock.nanoTime();
            if (context.decode() != DecodeResult.OK) {
                throw new LlamaException("the first steps of the model failed");
            }
            return clock.nanoTime() - start;
        } finally {
            cores.leave();
        }
    }
}
