package dev.millrace.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Thousands of random histories against the scheduler's laws. A failure prints its seed; replay it alone with
/// `-Dmillrace.simulation.seed=SEED`.
class SchedulerSimulationTest {
    private static final int HISTORIES = Integer.getInteger("millrace.simulation.histories", 3_000);

    @Test
    void everyHistoryEndsWithTheRightTokensAndBalancedAccounts() {
        Long only = Long.getLong("millrace.simulation.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? HISTORIES : only;
        long preemptions = 0;
        long cached = 0;
        long beside = 0;
        long goneOn = 0;
        for (long seed = first; seed <= last; seed++) {
            try {
                History history = new History(seed);
                history.run();
                preemptions += history.engine.scheduler.preemptions();
                beside += history.engine.computedBeside;
                goneOn += history.engine.limits.canCut() ? 0 : history.cached();
                cached += history.cached();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " (replay: -Dmillrace.simulation.seed=" + seed + ")", e);
            }
        }
        if (only == null) {
            // The histories must reach the rare paths, or they prove nothing about them.
            assertThat(preemptions).isGreaterThan(1_000);
            assertThat(cached).isGreaterThan(10_000);
            assertThat(beside).isGreaterThan(10_000);
            assertThat(goneOn).isGreaterThan(200);
        }
    }

    private static final class History {
        private final SplittableRandom random;
        private final SchedulerFixture engine;
        private final List<int[]> prompts = new ArrayList<>();
        private final List<Integer> cancelled = new ArrayList<>();
        private final int context;

        History(long seed) {
            random = new SplittableRandom(seed);
            context = random.nextInt(8, 200);
            int runningSlots = random.nextInt(1, 9);
            int kept = random.nextInt(0, 5);
            int cells = context + random.nextInt(0, 3 * context);
            int batch = Math.max(runningSlots, random.nextInt(1, 64));
            boolean canCut = random.nextInt(4) > 0;
            long budget = random.nextLong(1_000_000, 60_000_000);
            engine = new SchedulerFixture(new SchedulerLimits(
                    context,
                    cells,
                    runningSlots + kept,
                    runningSlots,
                    batch,
                    budget,
                    budget * random.nextInt(1, 6),
                    canCut && random.nextBoolean() ? random.nextInt(1, context + 1) : 0,
                    canCut));
            engine.besideSlices = () -> random.nextInt(5);
        }

        void run() {
            int arrivals = random.nextInt(1, 40);
            int idle = 0;
            for (int turn = 0; prompts.size() < arrivals || !allDone(); turn++) {
                assertThat(turn).as("turns without an end: a livelock").isLessThan(100_000);
                if (prompts.size() < arrivals && random.nextInt(3) == 0) {
                    submit();
                }
                disturb();
                int tokens = random.nextInt(50) == 0 ? rollBack() : tokensOf(engine.step());
                idle = tokens > 0 ? 0 : idle + 1;
                if (idle > 20) {
                    engine.sequences.forEach(engine.scheduler::resume);
                }
            }
            checkEnd();
        }

        long cached() {
            return engine.sequences.stream().mapToLong(Sequence::cached).sum();
        }

        private void submit() {
            int[] prompt = random.nextInt(3) == 0 && !prompts.isEmpty() ? derivedPrompt() : freshPrompt();
            int maxTokens = random.nextInt(1, Math.max(2, context - prompt.length + 1));
            String key = "k" + random.nextInt(3);
            prompts.add(prompt);
            engine.submit(prompt, maxTokens, new Share(key, random.nextInt(1, 4)), random.nextInt(4) == 0);
        }

        private int[] freshPrompt() {
            return SchedulerFixture.prompt(random.nextInt(1, context), random.nextInt(20));
        }

        /// A prompt that begins like an earlier one, or like its whole answer.
        private int[] derivedPrompt() {
            Sequence earlier = engine.sequences.get(random.nextInt(engine.sequences.size()));
            int[] known = SchedulerFixture.tokens(earlier).stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            int length = random.nextInt(1, context);
            int[] prompt = SchedulerFixture.prompt(length, random.nextInt(20));
            System.arraycopy(known, 0, prompt, 0, Math.min(random.nextInt(known.length + 1), length));
            return prompt;
        }

        private void disturb() {
            if (engine.sequences.isEmpty()) {
                return;
            }
            int index = random.nextInt(engine.sequences.size());
            Sequence sequence = engine.sequences.get(index);
            switch (random.nextInt(12)) {
                case 0 -> engine.scheduler.pause(sequence);
                case 1, 2 -> engine.scheduler.resume(sequence);
                case 3 -> {
                    if (random.nextInt(4) == 0 && sequence.phase() != Sequence.Phase.DONE) {
                        engine.scheduler.finish(sequence);
                        cancelled.add(index);
                    }
                }
                case 4 -> {
                    if (random.nextInt(10) == 0) {
                        engine.scheduler.makeRoom();
                    }
                }
                default -> {}
            }
        }

        private static int tokensOf(SchedulerFixture.Step step) {
            return step.totalTokens() + step.besideTokens();
        }

        private int rollBack() {
            int planned = engine.scheduler.plan(engine.nowNanos).totalTokens();
            engine.scheduler.rolledBack();
            engine.scheduler.checkInvariants();
            return planned;
        }

        private boolean allDone() {
            return engine.sequences.stream().allMatch(s -> s.phase() == Sequence.Phase.DONE);
        }

        private void checkEnd() {
            assertThat(engine.scheduler.runningCount()).isZero();
            assertThat(engine.scheduler.waitingCount()).isZero();
            assertThat(engine.scheduler.usedCells()).isEqualTo(engine.scheduler.keptCells());
            for (int i = 0; i < prompts.size(); i++) {
                Sequence sequence = engine.sequences.get(i);
                List<Integer> expected = SchedulerFixture.soloTokens(prompts.get(i), sequence.generatedTokens());
                assertThat(SchedulerFixture.tokens(sequence)).isEqualTo(expected);
                if (!cancelled.contains(i)) {
                    assertThat(sequence.hasRoom()).isFalse();
                }
            }
        }
    }
}
