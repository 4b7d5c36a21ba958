package dev.millrace.engine.schedule;

import static dev.millrace.engine.schedule.SchedulerFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Share;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A machine whose attention is computed in tiles of 64 tokens and, below that, token by token at more than twice the
/// cost of each.
class AttentionTileTest {
    private static final int TILE = 64;
    private static final long BUDGET = 140_000_000;
    private static final int LEARNING_STEPS = 8;

    private final SchedulerLimits limits = new SchedulerLimits(8_192, 16_384, 4, 4, 512, BUDGET, 500_000_000, 0, true);
    private final Scheduler<Sequence> scheduler =
            new Scheduler<>(limits, new StepCost(5e6, 0.5e6, 1e6, 1_000, TILE), new FakeKv(4, true));
    private long nowNanos;

    private record Step(int position, int tokens, long nanos) {}

    @Test
    void stepsAreWholeTilesAsLongAsTheyFitTheBudgetAndSmallerThanOneAfterThat() {
        start(prompt(8, 1), 2_000);
        step();
        Sequence attacker = start(prompt(4_000, 2), 4);

        List<Step> steps = stepsUntilComputed(attacker);

        assertThat(steps.subList(LEARNING_STEPS, steps.size() - 1)).allSatisfy(step -> {
            assertThat(step.nanos()).isLessThan(BUDGET * 108 / 100);
            assertThat(step.tokens() % TILE == 0 || step.tokens() < TILE)
                    .as("whole tiles or below one: %s", step)
                    .isTrue();
        });
        assertThat(steps.subList(LEARNING_STEPS, steps.size()))
                .filteredOn(step -> step.position() < 1_500)
                .allSatisfy(step -> assertThat(step.tokens()).isGreaterThanOrEqualTo(TILE));
        assertThat(steps)
                .filteredOn(step -> step.position() > 2_500)
                .allSatisfy(step -> assertThat(step.tokens()).isLessThan(TILE));
    }

    @Test
    void promptsAloneAreComputedInWholeTiles() {
        Sequence alone = start(prompt(4_000, 2), 4);

        List<Step> steps = stepsUntilComputed(alone);

        assertThat(steps.subList(0, steps.size() - 1))
                .allSatisfy(step -> assertThat(step.tokens() % TILE).isZero());
    }

    private Sequence start(int[] prompt, int maxTokens) {
        var sequence =
                new Sequence(new RequestId("r" + prompt.length), Share.DEFAULT, prompt, maxTokens, nowNanos, false);
        scheduler.add(sequence);
        return sequence;
    }

    private List<Step> stepsUntilComputed(Sequence sequence) {
        List<Step> steps = new ArrayList<>();
        while (sequence.generatedTokens() == 0 && steps.size() < 1_000) {
            int position = sequence.computed();
            long before = nowNanos;
            int tokens = step();
            steps.add(new Step(position, tokens, nowNanos - before));
        }
        assertThat(sequence.generatedTokens()).isEqualTo(1);
        return steps;
    }

    private int step() {
        StepPlan<Sequence> plan = scheduler.plan(nowNanos);
        int tokens = plan.totalTokens();
        boolean narrow = tokens < TILE;
        int tiles = (tokens + TILE - 1) / TILE;
        double attended =
                narrow ? 1_600.0 * plan.attendedTokens() : 640.0 * plan.attendedTokens() / tokens * tiles * TILE;
        long nanos = (long) (5e6 + 0.5e6 * plan.decodeTokens() + 1e6 * plan.prefillTokens() + attended);
        nowNanos += nanos;
        List<Sequence> sampled = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            if (plan.samples(i)) {
                sampled.add(plan.sequence(i));
            }
        }
        scheduler.completed(nanos);
        sampled.forEach(sequence -> sequence.append(7));
        scheduler.checkInvariants();
        return tokens;
    }
}
