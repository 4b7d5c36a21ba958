package dev.millrace.engine.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Sampling.Penalties;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Holds the fast selection against a plain one that sorts everything in double precision.
final class DistributionTest {
    /// What chi-square with `d` degrees of freedom exceeds once in 100,000 fair trials is below `d + 4.3 * sqrt(2
    /// d) + 18`.
    private static final double ALLOWANCE = 4.3;

    private static final Sampling[] SETTINGS = {
        SamplersTest.sampling(1, 0, 1, 0),
        SamplersTest.sampling(0.8f, 40, 0.95f, 0),
        SamplersTest.sampling(0.8f, 0, 0.9f, 0),
        SamplersTest.sampling(0.8f, 0, 0.3f, 0),
        SamplersTest.sampling(1.5f, 0, 1, 0.05f),
        SamplersTest.sampling(0.7f, 12, 0.8f, 0.1f),
        SamplersTest.sampling(2, 3, 1, 0),
        SamplersTest.sampling(1, 200, 0.999f, 0),
        SamplersTest.sampling(1, 0, 0.9999f, 0),
    };

    @Test
    void drawsFollowTheExpectedDistribution() {
        for (Sampling sampling : SETTINGS) {
            float[] logits = SamplersTest.gaussian(300, 11);
            double[] expected = expected(logits, sampling);
            int draws = 40_000;

            int[] counts = counts(logits, sampling, draws);

            assertThat(chiSquareExcess(counts, expected, draws))
                    .as("%s", sampling)
                    .isNegative();
        }
    }

    @Test
    void nothingOutsideTheKeptTokensIsEverDrawnWhateverTheShapeOfTheLogits() {
        long seed = 20_261_123;
        var random = new Random(seed);
        for (int round = 0; round < 400; round++) {
            float[] logits = shaped(random, 1 + random.nextInt(700));
            Sampling sampling = SETTINGS[round % SETTINGS.length];
            double[] expected = expected(logits, sampling);
            var sampler = Samplers.of(sampling, logits.length);

            for (int i = 0; i < 20; i++) {
                int token = sampler.choose(logits.clone());

                assertThat(expected[token])
                        .as("seed %d round %d token %d", seed, round, token)
                        .isPositive();
            }
        }
    }

    @Test
    void choosingAllocatesNothing() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var penalties = new Penalties(1.1f, 0.1f, 0.1f, 64);
        var scratch = new SamplerScratch(5_000);
        float[] source = SamplersTest.gaussian(5_000, 3);
        float[] logits = new float[5_000];
        for (Sampling s : SETTINGS) {
            var sampling = new Sampling(
                    s.temperature(), s.topK(), s.topP(), s.minP(), penalties, Map.of(3, 1f), 1, Sampling.NO_LOGPROBS);
            var sampler = Samplers.of(sampling, scratch);
            choose(sampler, source, logits, 50);

            long before = threads.getCurrentThreadAllocatedBytes();
            choose(sampler, source, logits, 200);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;

            assertThat(allocated).as("%s", s).isLessThan(200);
        }
    }

    private static void choose(TokenSampler sampler, float[] source, float[] logits, int times) {
        for (int i = 0; i < times; i++) {
            System.arraycopy(source, 0, logits, 0, source.length);
            sampler.accept(sampler.choose(logits));
        }
    }

    private static int[] counts(float[] logits, Sampling sampling, int draws) {
        var sampler = Samplers.of(sampling, logits.length);
        float[] scratch = new float[logits.length];
        int[] counts = new int[logits.length];
        for (int i = 0; i < draws; i++) {
            System.arraycopy(logits, 0, scratch, 0, logits.length);
            counts[sampler.choose(scratch)]++;
        }
        return counts;
    }

    /// How far chi-square is above what chance explains; tokens expected less than 5 times count together.
    private static double chiSquareExcess(int[] counts, double[] expected, int draws) {
        double chiSquare = 0;
        double rareExpected = 0;
        int rareCount = 0;
        int cells = 0;
        for (int i = 0; i < counts.length; i++) {
            double e = expected[i] * draws;
            if (e < 5) {
                assertThat(e > 0 || counts[i] == 0).as("token %d", i).isTrue();
                rareExpected += e;
                rareCount += counts[i];
            } else {
                chiSquare += (counts[i] - e) * (counts[i] - e) / e;
                cells++;
            }
        }
        if (rareExpected >= 5) {
            chiSquare += (rareCount - rareExpected) * (rareCount - rareExpected) / rareExpected;
            cells++;
        }
        double freedom = Math.max(1, cells - 1);
        return chiSquare - freedom - ALLOWANCE * Math.sqrt(2 * freedom) - 18;
    }

    /// The plain way: sort, cut, normalise.
    private static double[] expected(float[] logits, Sampling s) {
        Integer[] order = IntStream.range(0, logits.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -logits[i]).thenComparing(i -> i));
        int kept = s.topK() > 0 ? Math.min(s.topK(), order.length) : order.length;
        double max = logits[order[0]];
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            sum += Math.exp(logits[order[i]] - max);
        }
        if (s.topP() < 1) {
            double mass = 0;
            int n = 0;
            while (n < kept && mass < s.topP() * sum) {
                mass += Math.exp(logits[order[n++]] - max);
            }
            kept = n;
        }
        double[] weights = new double[logits.length];
        double total = 0;
        for (int i = 0; i < kept; i++) {
            int token = order[i];
            boolean likely = s.minP() <= 0 || logits[token] >= (float) max + (float) Math.log(s.minP());
            weights[token] = likely ? Math.exp((logits[token] - max) / s.temperature()) : 0;
            total += weights[token];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= total;
        }
        return weights;
    }

    /// Flat, peaked, tied, sparse and spread logits.
    private static float[] shaped(Random random, int size) {
        float[] logits = new float[size];
        int shape = random.nextInt(5);
        for (int i = 0; i < size; i++) {
            logits[i] = switch (shape) {
                case 0 -> (float) random.nextGaussian() * 3;
                case 1 -> i == size / 2 ? 40 : (float) random.nextGaussian();
                case 2 -> random.nextInt(3);
                case 3 -> random.nextInt(10) == 0 || i == 0 ? random.nextFloat() : Float.NEGATIVE_INFINITY;
                default -> -i * 0.05f;
            };
        }
        return logits;
    }
}
