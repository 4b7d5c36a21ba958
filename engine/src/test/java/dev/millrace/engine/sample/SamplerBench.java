package dev.millrace.engine.sample;

import dev.millrace.engine.Sampling;
import dev.millrace.engine.Sampling.Penalties;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.Random;

/// Microseconds of processor time per chosen token, so that a busy machine disturbs less; run `main` with the
/// engine's test classes on the class path.
///
/// The logits are Gaussian with a standard deviation of 3 and a few tokens that stand out, about as flat as a small
/// model's; each choice gets a fresh copy, whose cost is measured alone and printed, not subtracted.
final class SamplerBench {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int WARM_UP = 20_000;
    private static final int ROUNDS = 5_000;

    private SamplerBench() {}

    public static void main(String[] args) {
        var off = Penalties.NONE;
        var on = new Penalties(1.1f, 0.1f, 0.1f, 64);
        for (int size : new int[] {32_000, 128_000}) {
            measure("copy only", size, null);
            measure("greedy", size, sampling(0, 0, 1, 0, off));
            measure("greedy, penalties", size, sampling(0, 0, 1, 0, on));
            measure("top_k 40, top_p 0.95, t 0.8", size, sampling(0.8f, 40, 0.95f, 0, off));
            measure("top_p 0.95, t 0.8", size, sampling(0.8f, 0, 0.95f, 0, off));
            measure("min_p 0.05, t 0.8", size, sampling(0.8f, 0, 1, 0.05f, off));
            measure("t 1 only", size, sampling(1, 0, 1, 0, off));
        }
    }

    private static void measure(String name, int size, @org.jspecify.annotations.Nullable Sampling sampling) {
        var scratch = new SamplerScratch(size);
        TokenSampler sampler = Samplers.of(sampling == null ? Sampling.GREEDY : sampling, scratch);
        float[][] rows = rows(size);
        float[] logits = new float[size];
        int sum = 0;
        long start = 0;
        for (int i = -WARM_UP; i < ROUNDS; i++) {
            if (i == 0) {
                start = THREADS.getCurrentThreadCpuTime();
            }
            System.arraycopy(rows[i & 7], 0, logits, 0, size);
            int token = sampling == null ? (int) logits[i & 1023] : sampler.choose(logits);
            sampler.accept(token & 1023);
            sum += token;
        }
        double micros = (THREADS.getCurrentThreadCpuTime() - start) / 1e3 / ROUNDS;
        System.out.printf("vocabulary=%d %-28s %8.1f us (check %d)%n", size, name, micros, sum);
    }

    private static float[][] rows(int size) {
        var random = new Random(7);
        float[][] rows = new float[8][size];
        for (float[] row : rows) {
            for (int i = 0; i < size; i++) {
                row[i] = (float) (3 * random.nextGaussian());
            }
            for (int i = 0; i < 20; i++) {
                row[random.nextInt(size)] = 12 + 6 * random.nextFloat();
            }
        }
        return rows;
    }

    private static Sampling sampling(float temperature, int topK, float topP, float minP, Penalties penalties) {
        return new Sampling(temperature, topK, topP, minP, penalties, Map.of(), 42, Sampling.NO_LOGPROBS);
    }
}
