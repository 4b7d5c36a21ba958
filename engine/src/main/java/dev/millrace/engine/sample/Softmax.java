package dev.millrace.engine.sample;

/// Loops over whole rows of logits, written so that the JIT compiler turns them into vector instructions.
/// *Immutable.*
///
/// The exponential is `(e^(x/256))^256` with a polynomial of degree 5 for the inner part: multiplications and
/// additions only, which is what vectorises. Its relative error stays below 5e-5. Tokens more than 32 below the
/// maximum, that is less likely than 1.3e-14 times the most likely one, count as impossible.
final class Softmax {
    private static final float CUT = -32;
    private static final float CUT_VALUE = power(CUT);
    private static final int LANES = 8;

    private Softmax() {}

    /// Fills the maxima of blocks of [SamplerScratch#BLOCK] values.
    ///
    /// @return the maximum of all; NaN if there is any NaN
    static float maxima(float[] values, int size, float[] blockMaxima) {
        float best = Float.NEGATIVE_INFINITY;
        int block = 0;
        for (int from = 0; from < size; from += SamplerScratch.BLOCK) {
            float max = max(values, from, Math.min(from + SamplerScratch.BLOCK, size));
            blockMaxima[block++] = max;
            best = Math.max(best, max);
        }
        return best;
    }

    /// The first index that holds `max`, which [#maxima] found.
    static int indexOf(float max, float[] values, int size, float[] blockMaxima) {
        int block = 0;
        while (blockMaxima[block] != max) {
            block++;
        }
        int index = block * SamplerScratch.BLOCK;
        while (index < size - 1 && values[index] != max) {
            index++;
        }
        return index;
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
        while (i + 4 * LANES <= to) {
            for (int end = i + 4 * LANES; i < end; i += 4) {
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
        for (int to = SamplerScratch.BLOCK; to < size; to += SamplerScratch.BLOCK) {
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

    private static float max(float[] values, int from, int to) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            max = Math.max(max, values[i]);
        }
        return max;
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
