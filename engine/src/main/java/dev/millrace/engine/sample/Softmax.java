package dev.millrace.engine.sample;

import java.util.Arrays;

/// Loops over whole rows of logits, written so that the JIT compiler turns them into vector instructions.
/// *Immutable.*
///
/// The exponential is `(e^(x/256))^256` with a polynomial of degree 5 for the inner part: multiplications and
/// additions only, which is what vectorises. Its relative error stays below 5e-5. Tokens more than 32 below the
/// maximum, that is less likely than 1.3e-14 times the most likely one, count as impossible.
final class Softmax {
    private static final float CUT = -32;
    private static final float CUT_VALUE = power(CUT);
    /// Weights summed up before it is asked whether the running sum passed the target.
    private static final int BLOCK = 64;

    private Softmax() {}

    /// Fills the maxima of lanes: lane `l` holds the values at `l`, `l + lanes`, `l + 2 * lanes` and so on.
    ///
    /// Rows are copied to `row` first, because the compiler makes vector instructions of two arrays at the same
    /// index but not of two arrays at different ones, nor of a maximum over one array: a quarter of the time,
    /// copies included.
    ///
    /// @return the maximum of all; NaN if there is any NaN
    static float maxima(float[] values, int size, float[] laneMaxima, float[] row) {
        int lanes = laneMaxima.length;
        Arrays.fill(laneMaxima, Float.NEGATIVE_INFINITY);
        int from = 0;
        for (; from + lanes <= size; from += lanes) {
            System.arraycopy(values, from, row, 0, lanes);
            raise(laneMaxima, row, lanes);
        }
        for (int i = from; i < size; i++) {
            laneMaxima[i - from] = Math.max(laneMaxima[i - from], values[i]);
        }
        float best = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < lanes; i++) {
            best = Math.max(best, laneMaxima[i]);
        }
        return best;
    }

    private static void raise(float[] maxima, float[] row, int lanes) {
        for (int i = 0; i < lanes; i++) {
            maxima[i] = Math.max(maxima[i], row[i]);
        }
    }

    /// The first index that holds `max`, which [#maxima] found.
    static int indexOf(float max, float[] values, int size, float[] laneMaxima) {
        int first = size - 1;
        for (int lane = 0; lane < laneMaxima.length; lane++) {
            if (laneMaxima[lane] == max) {
                int index = lane;
                while (index < first && values[index] != max) {
                    index += laneMaxima.length;
                }
                first = Math.min(first, index);
            }
        }
        return first;
    }

    static int countAtLeast(float[] values, float threshold) {
        int count = 0;
        for (float value : values) {
            count += value >= threshold ? 1 : 0;
        }
        return count;
    }

    /// Sets `weights[i]` to `e^((values[i] - max) / temperature)`.
    static void exponentials(float[] values, int size, float max, float temperature, float[] weights) {
        float scale = 1 / temperature;
        for (int i = 0; i < size; i++) {
            weights[i] = Math.max(power(Math.max((values[i] - max) * scale, CUT)) - CUT_VALUE, 0f);
        }
    }

    /// The sum, in independent lanes: the order is fixed, so the result is always the same.
    static double sum(float[] weights, int from, int to) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = from;
        double total = 0;
        while (i + 32 <= to) {
            for (int end = i + 32; i < end; i += 4) {
                a += weights[i];
                b += weights[i + 1];
                c += weights[i + 2];
                d += weights[i + 3];
            }
            total += (a + b) + (c + d);
            a = b = c = d = 0;
        }
        for (; i < to; i++) {
            total += weights[i];
        }
        return total;
    }

    /// The index at which the running sum of the weights passes `share` of their total, 0 <= share < 1.
    static int pick(double share, float[] weights, int size) {
        double target = share * sum(weights, 0, size);
        int from = 0;
        double below = 0;
        for (int to = BLOCK; to < size; to += BLOCK) {
            double block = sum(weights, from, to);
            if (below + block > target) {
                break;
            }
            below += block;
            from = to;
        }
        // Rounding may leave the target just above the last sum: then the last possible index counts.
        int last = from;
        for (int i = from; i < size; i++) {
            if (weights[i] > 0) {
                last = i;
                below += weights[i];
                if (below > target) {
                    return i;
                }
            }
        }
        return last;
    }

    /// Makes broken logits comparable: NaN becomes minus infinity, plus infinity the largest float.
    static void repair(float[] logits, int size) {
        for (int i = 0; i < size; i++) {
            float logit = logits[i];
            logits[i] = Float.isNaN(logit) ? Float.NEGATIVE_INFINITY : Math.min(logit, Float.MAX_VALUE);
        }
    }

    private static float power(float x) {
        float y = x * (1 / 256f);
        float p = 1 + y * (1 + y * (1 / 2f + y * (1 / 6f + y * (1 / 24f + y * (1 / 120f)))));
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        return p * p;
    }
}
