package dev.millrace.llama;

import java.util.Arrays;

/// Decides how many threads the next step uses. Pure; confined to the engine thread.
///
/// llama.cpp's threads spin at barriers. When another process takes one of their cores, each barrier waits for that
/// process, and a step takes up to ten times as long as with one thread. So:
/// 1. While decode steps take what they usually take, nothing changes.
/// 2. When the median of the last [#WINDOW] is more than [#SUSPICIOUS] times the usual, one thread is tried for as
/// many.
/// 3. If that is clearly faster, it stays for a while, which doubles with each time that more threads are tried and
/// still slower. If it is not, the load or the context has grown: the new duration is the usual one from then on.
///
/// Durations are relative to what the steps were measured to cost while loading, so that the width of a batch is no
/// surprise.
final class ThreadGovernor {
    static final int WINDOW = 5;
    static final double SUSPICIOUS = 2;
    static final int FIRST_REST = 200;
    private static final int LONGEST_REST = 3_200;
    private static final double CLEARLY_FASTER = 0.8;
    private static final double LEARNING = 1.0 / 64;

    private final MeasuredCost cost;
    private final double[] window = new double[WINDOW];
    private final double[] sorted = new double[WINDOW];
    private Phase phase = Phase.USUAL;
    private int count;
    private double usual = 1;
    private double before;
    private int rest = FIRST_REST;
    private int resting;

    private enum Phase {
        /// All threads.
        USUAL,
        /// One thread, to see whether it is faster than all were.
        TRYING_ONE,
        /// One thread, because it was.
        RESTING,
        /// All threads, to see whether they are faster again.
        TRYING_ALL
    }

    ThreadGovernor(MeasuredCost cost) {
        this.cost = cost;
    }

    /// Threads for the next step.
    int threads() {
        return phase == Phase.TRYING_ONE || phase == Phase.RESTING ? 1 : cost.threads();
    }

    /// Learns from a step of nothing but decoding.
    ///
    /// @param sequences tokens in it, one per sequence
    void observe(int sequences, long nanos) {
        if (cost.threads() == 1) {
            return;
        }
        double expected = cost.baseStepNanos() + (double) cost.decodeTokenNanos() * (sequences - 1);
        double ratio = nanos / Math.max(1, expected);
        if (phase == Phase.RESTING && --resting > 0) {
            return;
        }
        window[count++] = ratio;
        if (phase == Phase.USUAL) {
            usual += LEARNING * (Math.min(ratio, SUSPICIOUS * usual) - usual);
        }
        if (count == WINDOW) {
            decide(median());
            count = 0;
        }
    }

    private void decide(double median) {
        switch (phase) {
            case USUAL -> {
                if (median > SUSPICIOUS * usual) {
                    before = median;
                    phase = Phase.TRYING_ONE;
                }
            }
            case TRYING_ONE -> {
                if (median < CLEARLY_FASTER * before) {
                    beginRest();
                } else {
                    usual = before;
                    phase = Phase.USUAL;
                }
            }
            case RESTING -> {
                before = median;
                phase = Phase.TRYING_ALL;
            }
            case TRYING_ALL -> {
                if (median < before) {
                    usual = median;
                    rest = FIRST_REST;
                    phase = Phase.USUAL;
                } else {
                    rest = Math.min(2 * rest, LONGEST_REST);
                    beginRest();
                }
            }
        }
    }

    private void beginRest() {
        resting = rest;
        phase = Phase.RESTING;
    }

    private double median() {
        System.arraycopy(window, 0, sorted, 0, WINDOW);
        Arrays.sort(sorted);
        return sorted[WINDOW / 2];
    }
}
