package dev.millrace.gateway.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
    private static int takeAll(RetryBudget budget) {
        int taken = 0;
        while (budget.take()) {
            taken++;
        }
        return taken;
    }

    @Test
    void reserveIsThereBeforeAnyRequest() {
        RetryBudget budget = new RetryBudget(0.2, 10);

        assertThat(takeAll(budget)).isEqualTo(10);
        assertThat(budget.refused()).isEqualTo(1);
    }

    @Test
    void fiveRequestsEarnOneRetry() {
        RetryBudget budget = new RetryBudget(0.2, 0);

        for (int i = 0; i < 4; i++) {
            budget.requested();
            assertThat(budget.take()).isFalse();
        }
        budget.requested();

        assertThat(budget.take()).isTrue();
        assertThat(budget.take()).isFalse();
        assertThat(budget.refused()).isEqualTo(5);
    }

    @Test
    void tenReservesAreSavedAtMost() {
        RetryBudget budget = new RetryBudget(0.2, 3);
        for (int i = 0; i < 10_000; i++) {
            budget.requested();
        }

        assertThat(takeAll(budget)).isEqualTo(30);
    }

    @Test
    void budgetWithoutReserveStillSavesAFew() {
        RetryBudget budget = new RetryBudget(0.5, 0);
        for (int i = 0; i < 1_000; i++) {
            budget.requested();
        }

        assertThat(takeAll(budget)).isEqualTo(10);
    }

    @Test
    void sumsDoNotDrift() {
        RetryBudget budget = new RetryBudget(0.1, 0);

        int taken = 0;
        for (int i = 0; i < 10_000; i++) {
            budget.requested();
            taken += budget.take() ? 1 : 0;
        }

        assertThat(taken).isEqualTo(1_000);
    }

    @Test
    void attemptsNeverExceedTheRatioAndTheReserveHoweverMuchFails() {
        for (long seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int reserve = random.nextInt(0, 20);
            RetryBudget budget = new RetryBudget(0.2, reserve);
            double failing = random.nextDouble();
            int requests = 0;
            int attempts = 0;
            for (int i = 0; i < 2_000; i++) {
                requests++;
                attempts++;
                budget.requested();
                for (int retry = 0; retry < 3 && random.nextDouble() < failing && budget.take(); retry++) {
                    attempts++;
                }
                assertThat(attempts).as("seed %s", seed).isLessThanOrEqualTo(requests * 12 / 10 + reserve);
            }
        }
    }

    @Test
    void impossibleBudgetsAreRefused() {
        assertThatThrownBy(() -> new RetryBudget(-0.1, 0)).hasMessage("ratio: -0.1 (expected: 0..1)");
        assertThatThrownBy(() -> new RetryBudget(1.1, 0)).hasMessage("ratio: 1.1 (expected: 0..1)");
        assertThatThrownBy(() -> new RetryBudget(Double.NaN, 0)).hasMessage("ratio: NaN (expected: 0..1)");
        assertThatThrownBy(() -> new RetryBudget(0.2, -1)).hasMessage("reserve: -1 (expected: >= 0)");
    }
}
