package dev.millrace.engine.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Sampling;
import dev.millrace.engine.Sampling.Penalties;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SamplersTest {
    private static final float INF = Float.POSITIVE_INFINITY;

    @Test
    void greedyTakesTheLargestLogitAndOfEqualOnesTheFirst() {
        assertThat(choose(Sampling.GREEDY, 1, 3, 2, 3)).isEqualTo(1);
    }

    @Test
    void topOneIsGreedyAtAnyTemperature() {
        assertThat(choose(sampling(100, 1, 1, 0), 1, 3, 2)).isEqualTo(1);
    }

    @Test
    void biasMovesTheChoiceAndIdsOutsideTheVocabularyAreIgnored() {
        var bias = Map.of(0, 100f, 1, -100f, 7, 100f, -1, 100f);
        var sampling = new Sampling(0, 0, 1, 0, Penalties.NONE, bias, 0, Sampling.NO_LOGPROBS);

        assertThat(choose(sampling, 1, 3, 2)).isZero();
    }

    @Test
    void tokensSeenArePenalisedAndForgottenAfterLastTokens() {
        var penalties = new Penalties(2, 0.5f, 0.25f, 3);
        var sampler = Samplers.of(new Sampling(0, 0, 1, 0, penalties, Map.of(), 0, Sampling.NO_LOGPROBS), 4);
        for (int token : new int[] {3, 0, 0, 1}) {
            sampler.accept(token);
        }
        float[] logits = {4, -1, 0.5f, 2};

        int chosen = sampler.choose(logits);

        assertThat(logits).containsExactly(4 / 2f - 0.5f - 0.5f, -1 * 2 - 0.5f - 0.25f, 0.5f, 2);
        assertThat(chosen).isEqualTo(3);
    }

    @Test
    void penaltiesAreCountedAnewForEachChoice() {
        var scratch = new SamplerScratch(2);
        var penalties = new Penalties(1, 0, 1, 8);
        var sampler = Samplers.of(new Sampling(0, 0, 1, 0, penalties, Map.of(), 0, Sampling.NO_LOGPROBS), scratch);
        sampler.accept(0);
        sampler.choose(new float[] {1, 0});
        float[] logits = {1.5f, 0};

        sampler.choose(logits);

        assertThat(logits[0]).isEqualTo(0.5f);
        assertThat(scratch.counts()).containsOnly(0);
    }

    @Test
    void brokenLogitsNeitherThrowNorLoop() {
        for (Sampling sampling : new Sampling[] {
            Sampling.GREEDY, sampling(1, 0, 1, 0), sampling(1, 2, 0.9f, 0), sampling(1, 0, 0.9f, 0.1f)
        }) {
            assertThat(choose(sampling, Float.NaN, 1, -INF)).isEqualTo(1);
            assertThat(choose(sampling, 1, -INF, INF)).isEqualTo(2);
            var sampler = Samplers.of(sampling, 3);
            assertThat(sampler.choose(new float[] {Float.NaN, -INF, Float.NaN})).isZero();
            assertThat(sampler.sawBrokenLogits()).isTrue();
            assertThat(sampler.choose(new float[] {-INF, -INF, 0})).isEqualTo(2);
            assertThat(sampler.sawBrokenLogits()).isFalse();
        }
    }

    @Test
    void theSameSeedGivesTheSameTokens() {
        var first = Samplers.of(sampling(1, 0, 0.9f, 0), 1000);
        var second = Samplers.of(sampling(1, 0, 0.9f, 0), 1000);
        float[] logits = gaussian(1000, 5);

        for (int i = 0; i < 50; i++) {
            assertThat(first.choose(logits.clone())).isEqualTo(second.choose(logits.clone()));
        }
    }

    @Test
    void logprobsAreThoseOfTheUnmodifiedDistribution() {
        var sampling = new Sampling(0, 0, 1, 0, Penalties.NONE, Map.of(3, 100f), 0, 2);
        var sampler = Samplers.of(sampling, 4);

        int chosen = sampler.choose(new float[] {1, 3, 2, 0});

        double logSum = Math.log(Math.exp(1) + Math.exp(3) + Math.exp(2) + 1);
        var chances = java.util.Objects.requireNonNull(sampler.lastChances());
        assertThat(chosen).isEqualTo(3);
        assertThat(chances.chosenId()).isEqualTo(3);
        assertThat(chances.chosen()).isCloseTo((float) -logSum, within(1e-4f));
        assertThat(chances.ids()).containsExactly(1, 2);
        assertThat(chances.logprobs()[0]).isCloseTo((float) (3 - logSum), within(1e-4f));
        assertThat(chances.logprobs()[1]).isCloseTo((float) (2 - logSum), within(1e-4f));
    }

    static Sampling sampling(float temperature, int topK, float topP, float minP) {
        return new Sampling(temperature, topK, topP, minP, Penalties.NONE, Map.of(), 42, Sampling.NO_LOGPROBS);
    }

    static float[] gaussian(int size, long seed) {
        var random = new Random(seed);
        float[] logits = new float[size];
        for (int i = 0; i < size; i++) {
            logits[i] = (float) (3 * random.nextGaussian());
        }
        return logits;
    }

    private static int choose(Sampling sampling, float... logits) {
        return Samplers.of(sampling, logits.length).choose(logits);
    }
}
