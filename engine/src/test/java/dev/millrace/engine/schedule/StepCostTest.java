package dev.millrace.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StepCostTest {
    @Test
    void learnsAttentionOfNarrowAndWideStepsApart() {
        var cost = new StepCost(5e6, 1e6, 1e6, 1_000, 64);
        var random = new SplittableRandom(1);

        for (int i = 0; i < 2_000; i++) {
            int tokens = 1 + random.nextInt(127);
            long attended = tokens * (long) random.nextInt(4_000);
            double perAttended = tokens + 1 < 64 ? 1_500 : 600;
            cost.observe(1, tokens, attended, (long) (5e6 + 1e6 + 1e6 * tokens + perAttended * attended));
        }

        assertThat(cost.predictNanos(1, 30, 30 * 3_000L)).isCloseTo(36e6 + 1_500 * 90_000.0, within(15e6));
        assertThat(cost.predictNanos(1, 100, 100 * 3_000L)).isCloseTo(106e6 + 600 * 300_000.0, within(25e6));
    }

    @Test
    void affordableTokensTakeTheTimeTheyWereGiven() {
        var cost = new StepCost(5e6, 1e6, 1e6, 700, 64);

        int tokens = cost.prefillTokensWithin(120e6, 2_000, true);

        assertThat(cost.prefillNanos(tokens, 2_000, true)).isLessThanOrEqualTo(120e6);
        assertThat(cost.prefillNanos(tokens + 1, 2_000, true)).isGreaterThan(120e6);
        assertThat(cost.prefillTokensWithin(-1, 0, false)).isZero();
    }

    @Test
    void oneDisturbedStepMovesTheModelLittle() {
        var cost = new StepCost(5e6, 1e6, 1e6, 700, 64);
        double before = cost.predictNanos(1, 63, 63_000);

        cost.observe(1, 63, 63_000, 10_000_000_000L);

        assertThat(cost.predictNanos(1, 63, 63_000)).isBetween(before, 1.3 * before);
    }

    @Test
    void tileOfNoTokensIsRefused() {
        assertThatThrownBy(() -> new StepCost(1, 1, 1, 1, 0)).hasMessage("tileTokens: 0 (expected: >= 1)");
    }
}
