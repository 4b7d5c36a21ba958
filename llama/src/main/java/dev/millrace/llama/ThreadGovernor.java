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
/// 4. A model that was measured on a busy machine, or with fewer sequences than it serves now, may have
/// fewer threads than are good for it: now and then twice as many are tried, and stay if they are clearly
/// faster. These tries get rarer, too.
///
/// Durations are relative to what the steps were measured to cost while loading, so that the width of a batch is no
/// surprise.
final class ThreadGovernor {
    static final int WINDOW = 5;
    static final double SUSPICIOUS = 2;
    static final int FIRST_REST = 200;
    private static final int LONGEST_REST = 3_200;
    private static final double CLEARLY_FASTER = 0.8;
    /// Steps of less are mostly overhead, of which more threads add more.
    private static final long WORTH_MORE_NANOS = 1_000_000;

    private static final double LEARNING = 1.0 / 64;

    private final MeasuredCost cost;
    private final int most;
    private final double[] window = new double[WINDOW];
    private final double[] sorted = new double[WINDOW];
    private Phase phase = Phase.USUAL;
    private int count;
    private double usual = 1;
    private double before;
    private int rest = FIRST_REST;
    private int resting;
    private int all;
    private int climbRest = FIRST_REST;
    private int untilClimb = FIRST_REST;

    private enum Phase {
        /// All threads.
        USUAL,
        /// One thread, to see whether it is faster than all were.
        TRYING_ONE,
        /// One thread, because it was.
        RESTING,
        /// All threads, to see whether they are faster again.
        TRYING_ALL,
        /// Twice as many threads as ever, to see whether they are faster.
        TRYING_MORE
    }

    /// @param cost begins with as many threads as this was measured with
    /// @param most threads that the machine can run at once
    ThreadGovernor(MeasuredCost cost, int most) {
        this.cost = cost;
        this.most = Math.max(most, cost.threads());
        this.all = cost.threads();
    }

    /// Threads for the next step.
    int threads() {
        return switch (phase) {
            case TRYING_ONE, RESTING -> 1;
            case USUAL, TRYING_ALL -> all;
            case TRYING_MORE -> Math.min(2 * all, most);
        };
    }

    /// Learns from a step of nothing but decoding.
    ///
    /// @param sequences tokens in it, one per sequence
    void observe(int sequences, long nanos) {
        if (most == 1) {
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
            untilClimb -= nanos < WORTH_MORE_NANOS ? 0 : 1;
        }
        if (count == WINDOW) {
            decide(median());
            count = 0;
        }
    }

    private void decide(double median) {
        switch (phase) {
            case USUAL -> {
                before = median;
                if (median > SUSPICIOUS * usual) {
                    notice(median);
                } else if (all < most && untilClimb <= 0) {
                    phase = Phase.TRYING_MORE;
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
            case TRYING_MORE -> {
                boolean faster = median < CLEARLY_FASTER * before;
                if (faster) {
                    all = Math.min(2 * all, most);
                    usual = median;
                }
                climbRest = faster ? FIRST_REST : Math.min(2 * climbRest, LONGEST_REST);
                untilClimb = climbRest;
                phase = Phase.USUAL;
            }
        }
    }

    private void notice(double median) {
        if (all == 1) {
            usual = median;
        } else {
            phase = Phase.TRYING_ONE;
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
