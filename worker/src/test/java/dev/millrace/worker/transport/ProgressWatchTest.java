package dev.millrace.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.EngineStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProgressWatchTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long PERIOD = ProgressWatch.PERIOD_NANOS;

    private final ProgressWatch watch = new ProgressWatch();
    private long nowNanos = 17;

    @Test
    void aWorkerThatAnswersAndMovesIsFine() {
        for (int turn = 0; turn < 100; turn++) {
            assertThat(look()).isNull();
            watch.answered(nowNanos, busy(turn));
        }
    }

    @Test
    void aWorkerThatDoesNotAnswerIsGivenUpBeforeFiveSeconds() {
        watch.answered(nowNanos, EngineStatus.IDLE);

        long silentNanos = untilGivenUp(null);

        assertThat(silentNanos).isBetween(3 * SECOND, 5 * SECOND);
    }

    @Test
    void anEngineThatAnswersButStandsStillWithWorkIsGivenUpBeforeFiveSeconds() {
        look();
        watch.answered(nowNanos, busy(7));

        long standingNanos = untilGivenUp(busy(7));

        assertThat(standingNanos).isBetween(3 * SECOND, 5 * SECOND);
    }

    @Test
    void anIdleEngineMayStandStillForEver() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(look()).isNull();
            watch.answered(nowNanos, EngineStatus.IDLE);
        }
    }

    @Test
    void aModelWhoseStepsAreSlowIsJudgedByItsOwnPace() {
        for (int turn = 1; turn < 5; turn++) {
            for (int i = 0; i < 4; i++) {
                assertThat(look()).isNull();
                watch.answered(nowNanos, busy(turn));
            }
        }

        long standingNanos = untilGivenUp(busy(4));

        assertThat(standingNanos).isBetween(15 * SECOND, 25 * SECOND);
    }

    @Test
    void timeInWhichTheServerItselfStoodStillDoesNotCount() {
        look();
        nowNanos += 60 * SECOND;

        assertThat(look()).isNull();
        assertThat(untilGivenUp(null)).isBetween(3 * SECOND, 5 * SECOND);
    }

    private long untilGivenUp(@Nullable EngineStatus answer) {
        long beganNanos = nowNanos;
        for (int i = 0; i < 1_000; i++) {
            if (look() != null) {
                return nowNanos - beganNanos;
            }
            if (answer != null) {
                watch.answered(nowNanos, answer);
            }
        }
        throw new AssertionError("never given up");
    }

    private @Nullable String look() {
        nowNanos += PERIOD;
        String wrong = watch.look(nowNanos);
        watch.probed(nowNanos);
        return wrong;
    }

    private static EngineStatus busy(long turns) {
        return new EngineStatus(4, 1, 0, 100, 10, 0, true, new EngineStatus.Counters(0, 0, 0, 0, 0, 0, turns));
    }
}
