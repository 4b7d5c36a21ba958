package dev.millrace.engine.schedule;

import static dev.millrace.engine.schedule.SchedulerFixture.prompt;
import static dev.millrace.engine.schedule.SchedulerFixture.soloTokens;
import static dev.millrace.engine.schedule.SchedulerFixture.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Share;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    @Test
    void runningChatKeepsItsTokenWhenALongPromptArrives() {
        var engine = SchedulerFixture.with(2, 2, 8192, 8192);
        var chat = engine.decoding(prompt(8, 1), 500);
        var attacker = engine.submit(prompt(4_096, 2), 10);

        for (int i = 0; i < 40; i++) {
            var step = engine.step();

            assertThat(step.tokensOf(chat)).isEqualTo(1);
            assertThat(step.totalTokens()).isBetween(2, 97);
        }
        assertThat(attacker.computed()).isGreaterThan(3_000);
    }

    @Test
    void promptsAreComputedInFullBatchesWhenNothingDecodes() {
        var engine = SchedulerFixture.with(2, 2, 8192, 8192);
        engine.submit(prompt(2_000, 1), 10);

        var step = engine.step();

        assertThat(step.totalTokens()).isGreaterThan(450);
    }

    @Test
    void severalPromptsShareAStep() {
        var engine = SchedulerFixture.with(4, 0, 8192, 8192);
        var first = engine.submit(prompt(60, 1), 10);
        var second = engine.submit(prompt(70, 2), 10);

        var step = engine.step();

        assertThat(step.tokensOf(first)).isEqualTo(60);
        assertThat(step.tokensOf(second)).isEqualTo(70);
    }

    @Test
    void shortPromptOvertakesALongOneThatIsHalfComputed() {
        var engine = SchedulerFixture.with(3, 0, 16_384, 8192);
        engine.decoding(prompt(8, 9), 400);
        engine.submit(prompt(4_000, 1), 10);
        engine.step();
        var shortOne = engine.submit(prompt(20, 2), 10);

        var step = engine.step();

        assertThat(step.tokensOf(shortOne)).isEqualTo(20);
    }

    @Test
    void longPromptAgesSoThatAStreamOfShortOnesDoesNotStarveIt() {
        var engine = SchedulerFixture.with(3, 0, 16_384, 4_096);
        var longOne = engine.submit(prompt(2_000, 1), 1);

        int steps = 0;
        for (; steps < 2_000 && longOne.phase() != Sequence.Phase.DONE; steps++) {
            engine.submit(prompt(90, 1_000 + steps), 1);
            engine.step();
        }

        assertThat(longOne.phase()).isEqualTo(Sequence.Phase.DONE);
        assertThat(engine.nowNanos / 1e9).isLessThan(10);
    }

    @Test
    void promptAdvancesEvenIfDecodingUsesUpTheWholeBudget() {
        var limits = new SchedulerLimits(4_096, 8_192, 4, 4, 512, 1, 1, 0, true);
        var engine = new SchedulerFixture(limits);
        engine.decoding(prompt(8, 1), 100);
        var waiting = engine.submit(prompt(64, 2), 10);

        var step = engine.step();

        assertThat(step.tokensOf(waiting)).isEqualTo(PromptPlanner.MIN_CHUNK);
    }

    @Test
    void longPromptIsComputedBesideTheStepsWhileOthersDecode() {
        var engine = SchedulerFixture.computingBeside(4_096);
        var chat = engine.decoding(prompt(8, 1), 500);
        var attacker = engine.submit(prompt(4_000, 2), 10);

        while (attacker.computed() < 3_999) {
            var step = engine.step();

            assertThat(step.tokensOf(chat)).isEqualTo(1);
            assertThat(step.tokensOf(attacker)).isZero();
        }
        var last = engine.step();

        assertThat(last.tokensOf(attacker)).isEqualTo(1);
        assertThat(attacker.generatedTokens()).isEqualTo(1);
        assertThat(engine.computedBeside).isEqualTo(3_999);
    }

    @Test
    void shortPromptSharesTheStepsWhileALongOneIsComputedBeside() {
        var engine = SchedulerFixture.computingBeside(4_096);
        engine.decoding(prompt(8, 1), 500);
        var attacker = engine.submit(prompt(4_000, 2), 10);
        engine.step();
        var shortOne = engine.submit(prompt(20, 3), 10);

        var step = engine.step();

        assertThat(step.tokensOf(shortOne)).isEqualTo(20);
        assertThat(engine.scheduler.beside()).isEqualTo(attacker);
    }

    @Test
    void promptBesideGoesOnInStepsWhenNothingDecodesAnyMore() {
        var engine = SchedulerFixture.computingBeside(4_096);
        engine.besideSlices = () -> 2;
        var chat = engine.decoding(prompt(8, 1), 500);
        var attacker = engine.submit(prompt(4_000, 2), 1);
        engine.step();
        engine.scheduler.finish(chat);

        int steps = 0;
        while (attacker.phase() != Sequence.Phase.DONE) {
            engine.step();
            steps++;
        }

        assertThat(engine.computedBeside).isPositive();
        assertThat(steps).isLessThan(15);
    }

    @Test
    void promptBesideKeepsItsHalfOfTheGapWhenNothingDecodesAnyMore() {
        var engine = SchedulerFixture.computingBeside(4_096);
        engine.besideSlices = () -> 20;
        var chat = engine.decoding(prompt(8, 1), 500);
        engine.submit(prompt(4_000, 2), 1);
        engine.step();
        engine.scheduler.finish(chat);
        var second = engine.submit(prompt(2_000, 3), 1);

        var step = engine.step();

        // 100 ms are the gap, half of it for the lane; a step has 5 ms of its own and computes a token in 1 ms.
        assertThat(step.tokensOf(second)).isBetween(30, 45);
    }

    @Test
    void promptLongerThanTheLaneHoldsStaysInTheSteps() {
        var engine = SchedulerFixture.computingBeside(1_000);
        engine.decoding(prompt(8, 1), 500);
        var attacker = engine.submit(prompt(1_001, 2), 10);

        var step = engine.step();

        assertThat(engine.scheduler.beside()).isNull();
        assertThat(step.tokensOf(attacker)).isPositive();
    }

    @Test
    void endedSequenceGivesBackTheCellsOfItsChunkBeside() {
        var engine = SchedulerFixture.computingBeside(4_096);
        engine.decoding(prompt(8, 1), 500);
        int before = engine.scheduler.usedCells();
        var attacker = engine.submit(prompt(4_000, 2), 10);
        engine.step();

        engine.scheduler.finish(attacker);

        engine.scheduler.checkInvariants();
        assertThat(engine.scheduler.beside()).isNull();
        assertThat(engine.scheduler.besideTokens()).isZero();
        assertThat(engine.scheduler.usedCells()).isEqualTo(before + 1);
    }

    @Test
    void repeatableSequenceThatStartsAloneIsComputedInTheSameStepsWhateverWasBefore() {
        var engine = SchedulerFixture.with(2, 4, 8_192, 8_192);
        engine.decoding(prompt(150, 1), 1);
        engine.decoding(prompt(700, 2), 1);

        for (int i = 0; i < 2; i++) {
            var sequence = engine.submit(prompt(150, 1), 1, Share.DEFAULT, true);

            assertThat(engine.step().tokensOf(sequence)).isEqualTo(PromptPlanner.REPEATABLE_CHUNK);
            assertThat(engine.step().tokensOf(sequence)).isEqualTo(PromptPlanner.REPEATABLE_CHUNK);
            assertThat(engine.step().tokensOf(sequence)).isEqualTo(150 - 2 * PromptPlanner.REPEATABLE_CHUNK);
            assertThat(sequence.cached()).isZero();
            assertThat(engine.scheduler.keptCells()).isEqualTo(150);
        }
    }

    @Test
    void repeatableSequenceBesideOthersSharesTheirPrefixesAndSteps() {
        var engine = SchedulerFixture.with(2, 4, 8_192, 8_192);
        engine.decoding(prompt(150, 1), 100);

        var sequence = engine.submit(prompt(150, 1), 1, Share.DEFAULT, true);
        engine.step();

        assertThat(sequence.cached()).isEqualTo(149);
    }

    @Test
    void conversationThatCannotBeCutGoesOnWhereItEnded() {
        var engine = SchedulerFixture.recurrent();
        var first = engine.decoding(prompt(100, 1), 1);
        int[] next = Arrays.copyOf(prompt(100, 1), 120);

        var second = engine.submit(next, 1);
        engine.step();

        assertThat(first.phase()).isEqualTo(Sequence.Phase.DONE);
        assertThat(second.cached()).isEqualTo(100);
    }

    @Test
    void partOfAPromptThatCannotBeCutIsNotReused() {
        var engine = SchedulerFixture.recurrent();
        engine.decoding(prompt(100, 1), 1);
        int[] other = prompt(100, 1);
        other[90] = 5_000;

        var second = engine.submit(other, 1);
        engine.step();

        assertThat(second.cached()).isZero();
    }

    @Test
    void newcomerDoesNotWaitForAPrefixThatCannotBeShared() {
        var engine = SchedulerFixture.recurrent();
        engine.submit(prompt(2_000, 1), 100);
        engine.step();

        var second = engine.submit(prompt(2_000, 1), 100);
        engine.step();

        assertThat(second.phase()).isEqualTo(Sequence.Phase.RUNNING);
        assertThat(second.cached()).isZero();
    }

    @Test
    void stepThatFailedIsComputedAnewFromTheStartIfNothingCanBeCut() {
        var engine = SchedulerFixture.recurrent();
        var chat = engine.decoding(prompt(100, 1), 10);
        engine.scheduler.plan(engine.nowNanos);

        engine.scheduler.rolledBack();

        engine.scheduler.checkInvariants();
        assertThat(chat.computed()).isZero();
        assertThat(engine.step().tokensOf(chat)).isEqualTo(chat.known() - 1);
    }

    @Test
    void secondRequestSharesThePrefixOfOneThatStillRuns() {
        var engine = SchedulerFixture.with(2, 2, 8192, 8192);
        int[] first = prompt(2_000, 1);
        var leader = engine.decoding(first, 100);
        int[] same = Arrays.copyOf(first, 2_010);

        var follower = engine.submit(same, 5);
        var step = engine.step();

        assertThat(leader.phase()).isEqualTo(Sequence.Phase.RUNNING);
        assertThat(follower.cached()).isGreaterThanOrEqualTo(2_000);
        assertThat(step.tokensOf(follower)).isLessThanOrEqualTo(10);
        assertThat(engine.scheduler.usedCells()).isLessThan(2_100);
    }

    @Test
    void newcomerWaitsForAPrefixThatIsBeingComputed() {
        var engine = SchedulerFixture.with(2, 0, 8192, 8192);
        int[] text = prompt(2_000, 1);
        engine.submit(text, 10);
        engine.step();

        var follower = engine.submit(text, 10);
        int followerTokens = 0;
        for (int i = 0; i < 20 && follower.generatedTokens() == 0; i++) {
            followerTokens += engine.step().tokensOf(follower);
        }

        assertThat(follower.cached()).isGreaterThanOrEqualTo(1_999 - Scheduler.WORTH_WAITING_FOR);
        assertThat(followerTokens).isLessThanOrEqualTo(Scheduler.WORTH_WAITING_FOR);
    }

    @Test
    void finishedConversationIsReusedByItsNextTurn() {
        var engine = SchedulerFixture.with(2, 2, 4096, 4096);
        var turn = engine.submit(prompt(100, 1), 20);
        while (turn.phase() != Sequence.Phase.DONE) {
            engine.step();
        }
        int[] next = Arrays.copyOf(tokens(turn).stream().mapToInt(i -> i).toArray(), 140);

        var second = engine.submit(next, 5);
        engine.step();

        assertThat(second.cached()).isEqualTo(119);
    }

    @Test
    void wholePromptInTheCacheStillComputesItsLastToken() {
        var engine = SchedulerFixture.with(2, 2, 4096, 4096);
        int[] text = prompt(50, 1);
        var first = engine.submit(text, 3);
        while (first.phase() != Sequence.Phase.DONE) {
            engine.step();
        }

        var second = engine.submit(text, 3);
        var step = engine.step();

        assertThat(second.cached()).isEqualTo(49);
        assertThat(step.tokensOf(second)).isEqualTo(1);
        assertThat(second.generatedTokens()).isEqualTo(1);
    }

    @Test
    void youngestIsPreemptedWhenCellsRunOutAndStillEndsWithTheRightTokens() {
        var engine = SchedulerFixture.with(3, 0, 160, 100);
        var a = engine.submit(prompt(40, 1), 60);
        var b = engine.submit(prompt(40, 2), 60);
        var c = engine.submit(prompt(40, 3), 60);

        for (int i = 0; i < 1_000 && !allDone(a, b, c); i++) {
            engine.step();
        }

        assertThat(engine.scheduler.preemptions()).isPositive();
        assertThat(a.preemptions()).isZero();
        assertThat(tokens(a)).isEqualTo(soloTokens(prompt(40, 1), 60));
        assertThat(tokens(b)).isEqualTo(soloTokens(prompt(40, 2), 60));
        assertThat(tokens(c)).isEqualTo(soloTokens(prompt(40, 3), 60));
    }

    @Test
    void pausedSequenceGetsNoTokensAndTheOthersGoOn() {
        var engine = SchedulerFixture.with(2, 0, 4096, 4096);
        var slow = engine.decoding(prompt(10, 1), 100);
        var quick = engine.decoding(prompt(10, 2), 100);

        engine.scheduler.pause(slow);
        var step = engine.step();
        engine.scheduler.resume(slow);
        var later = engine.step();

        assertThat(step.tokensOf(slow)).isZero();
        assertThat(step.tokensOf(quick)).isEqualTo(1);
        assertThat(later.tokensOf(slow)).isEqualTo(1);
    }

    @Test
    void pausedSequenceGivesItsCellsToOneThatNeedsThem() {
        var engine = SchedulerFixture.with(2, 0, 120, 100);
        var slow = engine.decoding(prompt(60, 1), 40);
        engine.scheduler.pause(slow);
        var quick = engine.submit(prompt(40, 2), 60);

        for (int i = 0; i < 200 && quick.phase() != Sequence.Phase.DONE; i++) {
            engine.step();
        }

        assertThat(quick.phase()).isEqualTo(Sequence.Phase.DONE);
        assertThat(slow.preemptions()).isEqualTo(1);
    }

    @Test
    void busyKeyDoesNotDelayAnotherKeyByItsBacklog() {
        var engine = SchedulerFixture.with(1, 0, 4096, 4096);
        for (int i = 0; i < 50; i++) {
            engine.submit(prompt(50, i), 10, new Share("busy", 1));
        }
        engine.step();
        var other = engine.submit(prompt(50, 100), 10, new Share("calm", 1));

        long start = engine.nowNanos;
        while (other.phase() != Sequence.Phase.DONE) {
            engine.step();
        }

        long servedBefore = engine.sequences.stream()
                .filter(s -> s.share().key().equals("busy") && s.phase() == Sequence.Phase.DONE)
                .count();
        assertThat(servedBefore).isLessThanOrEqualTo(3);
        assertThat(engine.nowNanos - start).isLessThan(2_000_000_000L);
    }

    @Test
    void heavierKeyGetsItsLargerShare() {
        var engine = SchedulerFixture.with(1, 0, 4096, 4096);
        for (int i = 0; i < 60; i++) {
            engine.submit(prompt(50, i), 10, new Share("light", 1));
            engine.submit(prompt(50, 500 + i), 10, new Share("heavy", 3));
        }

        while (done(engine, "light") + done(engine, "heavy") < 40) {
            engine.step();
        }

        assertThat(done(engine, "heavy")).isBetween(27L, 33L);
    }

    @Test
    void cancelledSequenceLeavesNothingLiveInAnyPhase() {
        var engine = SchedulerFixture.with(1, 1, 4096, 4096);
        var decoding = engine.decoding(prompt(100, 1), 50);
        var queued = engine.submit(prompt(100, 2), 50);

        engine.scheduler.finish(queued);
        engine.scheduler.finish(decoding);
        var prefilling = engine.submit(prompt(2_000, 3), 50);
        engine.step();
        engine.scheduler.finish(prefilling);

        assertThat(engine.scheduler.runningCount()).isZero();
        assertThat(engine.scheduler.waitingCount()).isZero();
        assertThat(engine.scheduler.usedCells() - engine.scheduler.keptCells()).isZero();
        engine.scheduler.checkInvariants();
    }

    @Test
    void rolledBackStepIsPlannedAgain() {
        var engine = SchedulerFixture.with(2, 0, 4096, 4096);
        var sequence = engine.submit(prompt(100, 1), 5);
        engine.scheduler.plan(0);

        engine.scheduler.rolledBack();
        engine.scheduler.checkInvariants();
        var step = engine.step();

        assertThat(step.tokensOf(sequence)).isEqualTo(100);
    }

    @Test
    void sequenceThatCannotFitTheContextIsRefused() {
        var engine = SchedulerFixture.with(1, 0, 4096, 100);

        assertThatThrownBy(() -> engine.submit(prompt(60, 1), 41))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("101")
                .hasMessageContaining("100");
    }

    @Test
    void makeRoomDropsKeptPrefixesBeforeItPreempts() {
        var engine = SchedulerFixture.with(2, 2, 4096, 4096);
        var done = engine.submit(prompt(100, 1), 1);
        while (done.phase() != Sequence.Phase.DONE) {
            engine.step();
        }
        engine.decoding(prompt(50, 2), 50);
        var youngest = engine.decoding(prompt(50, 3), 50);

        assertThat(engine.scheduler.makeRoom()).isTrue();
        assertThat(youngest.preemptions()).isZero();
        assertThat(engine.scheduler.makeRoom()).isTrue();
        assertThat(youngest.preemptions()).isEqualTo(1);
        assertThat(engine.scheduler.makeRoom()).isFalse();
    }

    private static long done(SchedulerFixture engine, String key) {
        return engine.sequences.stream()
                .filter(s -> s.share().key().equals(key) && s.phase() == Sequence.Phase.DONE)
                .count();
    }

    private static boolean allDone(Sequence... sequences) {
        return Arrays.stream(sequences).allMatch(s -> s.phase() == Sequence.Phase.DONE);
    }
}
