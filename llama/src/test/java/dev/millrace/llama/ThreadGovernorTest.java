package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class ThreadGovernorTest {
    private static final long STEP = 10_000_000;

    private final ThreadGovernor governor = new ThreadGovernor(new MeasuredCost(2, STEP, STEP / 10, STEP / 50), 2);

    /// Runs steps of one sequence whose duration depends on the threads.
    private int stepsWithOneThread(int steps, IntToLongFunction nanosByThreads) {
        int one = 0;
        for (int i = 0; i < steps; i++) {
            int threads = governor.threads();
            one += threads == 1 ? 1 : 0;
            governor.observe(1, nanosByThreads.applyAsLong(threads));
        }
        return one;
    }

    @Test
    void steadyStepsKeepAllThreads() {
        assertThat(stepsWithOneThread(1_000, threads -> STEP)).isZero();
    }

    @Test
    void singleSlowStepChangesNothing() {
        stepsWithOneThread(100, threads -> STEP);
        stepsWithOneThread(2, threads -> 20 * STEP);

        assertThat(stepsWithOneThread(100, threads -> STEP)).isZero();
    }

    @Test
    void widerBatchIsNoSurprise() {
        for (int i = 0; i < 100; i++) {
            governor.observe(16, STEP + 15 * STEP / 10);
        }

        assertThat(governor.threads()).isEqualTo(2);
    }

    @Test
    void collapseOfTheSpinBarrierLeadsToOneThreadWithinTenSteps() {
        stepsWithOneThread(100, threads -> STEP);

        int one = stepsWithOneThread(210, threads -> threads == 1 ? 2 * STEP : 10 * STEP);

        assertThat(one).isGreaterThanOrEqualTo(200);
        assertThat(governor.threads()).isEqualTo(1);
    }

    @Test
    void allThreadsComeBackWhenTheOtherProcessIsGone() {
        stepsWithOneThread(50, threads -> threads == 1 ? 2 * STEP : 10 * STEP);
        assertThat(governor.threads()).isEqualTo(1);

        stepsWithOneThread(ThreadGovernor.FIRST_REST + 20, threads -> threads == 1 ? 2 * STEP : STEP);

        assertThat(governor.threads()).isEqualTo(2);
        assertThat(stepsWithOneThread(500, threads -> threads == 1 ? 2 * STEP : STEP))
                .isZero();
    }

    @Test
    void triesOfAllThreadsGetRarerWhileTheyStaySlow() {
        int steps = 4_000;

        int one = stepsWithOneThread(steps, threads -> threads == 1 ? 2 * STEP : 10 * STEP);

        // five to notice, and five for each of the tries after 200, 400, 800 and 1600 steps
        assertThat(steps - one).isBetween(20, 30);
    }

    @Test
    void slownessThatOneThreadDoesNotCureIsGotUsedTo() {
        stepsWithOneThread(50, threads -> STEP);

        int one = stepsWithOneThread(1_000, threads -> 4 * STEP);

        assertThat(one).isEqualTo(ThreadGovernor.WINDOW);
        assertThat(governor.threads()).isEqualTo(2);
    }

    @Test
    void oneThreadIsNeverChangedOnOneCore() {
        ThreadGovernor single = new ThreadGovernor(new MeasuredCost(1, STEP, STEP, STEP), 1);
        for (int i = 0; i < 1_000; i++) {
            single.observe(1, 50 * STEP);
            assertThat(single.threads()).isEqualTo(1);
        }
    }

    @Test
    void modelThatWasMeasuredOnABusyMachineClimbsToAllThreadsThatHelp() {
        ThreadGovernor climbing = new ThreadGovernor(new MeasuredCost(1, STEP, STEP, STEP), 8);

        for (int i = 0; i < 1_000; i++) {
            climbing.observe(4, 8 * STEP / Math.min(climbing.threads(), 4));
        }

        assertThat(climbing.threads()).isEqualTo(4);
    }

    @Test
    void triesOfMoreThreadsGetRarerWhileTheyDoNotHelp() {
        ThreadGovernor climbing = new ThreadGovernor(new MeasuredCost(1, STEP, STEP, STEP), 2);
        int two = 0;
        for (int i = 0; i < 4_000; i++) {
            two += climbing.threads() == 2 ? 1 : 0;
            climbing.observe(1, climbing.threads() * STEP);
        }

        // five each after 200, 400, 800 and 1600 steps
        assertThat(two).isEqualTo(4 * ThreadGovernor.WINDOW);
    }

    @Test
    void stepsThatAreMostlyOverheadNeverTryMoreThreads() {
        ThreadGovernor tiny = new ThreadGovernor(new MeasuredCost(1, STEP / 20, 1, 1), 2);
        for (int i = 0; i < 2_000; i++) {
            tiny.observe(1, STEP / 20);
            assertThat(tiny.threads()).isEqualTo(1);
        }
    }
}
