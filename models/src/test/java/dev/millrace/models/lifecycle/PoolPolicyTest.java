package dev.millrace.models.lifecycle;

import static dev.millrace.models.lifecycle.PoolFixture.MOMENT;
import static dev.millrace.models.lifecycle.PoolFixture.id;
import static dev.millrace.models.lifecycle.TestSettings.GIB;
import static dev.millrace.models.lifecycle.TestSettings.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// How long models stay, and what becomes of those that fail.
class PoolPolicyTest {
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

    private static Demand keeping(Duration time) {
        return new Demand(time, true, true);
    }

    /// How long an unused model stays.
    @Nested
    class Staying {
        private final PoolFixture pool = PoolFixture.with(settings().keepAlive(FIVE_MINUTES));

        @Test
        void unusedModelLeavesAfterTheTimeOfTheSettings() {
            pool.release(pool.granted("a"));

            pool.pass(FIVE_MINUTES.minus(MOMENT));

            assertThat(pool.status("a").expiresIn()).isEqualTo(MOMENT);
            assertThat(pool.stops).isEmpty();
            pool.pass(MOMENT);
            assertThat(pool.stops).containsExactly("a");
        }

        @Test
        void modelInUseDoesNotExpire() {
            pool.granted("a");

            pool.pass(FIVE_MINUTES.multipliedBy(3));

            assertThat(pool.state("a")).isEqualTo(ModelState.READY);
            assertThat(pool.status("a").expiresIn()).isNull();
        }

        @Test
        void lastRequestDecidesHowLongTheModelStays() {
            pool.release(pool.granted("a", keeping(Duration.ofHours(1))));
            pool.release(pool.granted("a", keeping(Duration.ofSeconds(3))));

            pool.pass(Duration.ofSeconds(3));

            assertThat(pool.stops).containsExactly("a");
        }

        @Test
        void requestWithoutAWishKeepsTheWishOfTheOneBefore() {
            pool.release(pool.granted("a", keeping(Duration.ofHours(1))));
            pool.release(pool.granted("a"));

            pool.pass(Duration.ofMinutes(59));

            assertThat(pool.stops).isEmpty();
        }

        @Test
        void wishEndsWithTheModel() {
            pool.release(pool.granted("a", keeping(Duration.ofSeconds(3))));
            pool.pass(Duration.ofSeconds(3));
            pool.leaves("a");

            pool.release(pool.granted("a"));

            assertThat(pool.status("a").expiresIn()).isEqualTo(FIVE_MINUTES);
        }

        @Test
        void wishOfADroppedLoadIsForgotten() {
            pool.load("a", keeping(Duration.ofSeconds(-1)));
            pool.cancelLoad("a");
            pool.leaves("a");

            pool.release(pool.granted("a"));

            assertThat(pool.status("a").expiresIn()).isEqualTo(FIVE_MINUTES);
        }

        @Test
        void zeroLeavesAtOnceAfterTheLastLease() {
            Ask first = pool.granted("a", keeping(Duration.ZERO));
            Ask second = pool.granted("a");

            pool.release(first);
            assertThat(pool.stops).isEmpty();
            pool.release(second);

            assertThat(pool.stops).containsExactly("a");
        }

        @Test
        void negativeStaysForEver() {
            pool.release(pool.granted("a", keeping(Duration.ofSeconds(-1))));

            pool.pass(Duration.ofHours(2));

            assertThat(pool.stops).isEmpty();
            assertThat(pool.status("a").expiresIn()).isNull();
        }

        @Test
        void withoutATimeInTheSettingsModelsStay() {
            PoolFixture lasting = PoolFixture.with(settings().keepAlive(null));
            lasting.release(lasting.granted("a"));

            lasting.pass(Duration.ofHours(2));

            assertThat(lasting.stops).isEmpty();
        }

        @Test
        void pinnedModelStaysUntilItIsUnpinned() {
            pool.release(pool.granted("a"));
            pool.pin("a");
            pool.pass(FIVE_MINUTES.multipliedBy(2));
            assertThat(pool.status("a").pinned()).isTrue();
            assertThat(pool.stops).isEmpty();

            pool.unpin("a");

            assertThat(pool.stops).containsExactly("a");
        }

        @Test
        void loadOfAModelInMemoryBeginsItsTimeAnew() {
            pool.release(pool.granted("a"));
            pool.pass(Duration.ofMinutes(4));

            pool.load("a", keeping(Duration.ofMinutes(2)));

            assertThat(pool.status("a").expiresIn()).isEqualTo(Duration.ofMinutes(2));
            assertThat(pool.starts).hasSize(1);
        }
    }

    /// A model that was ready and is gone.
    @Nested
    class Losing {
        private final PoolFixture pool = PoolFixture.with(settings());

        @Test
        void lostModelIsStartedAgainAtOnceTheFirstTime() {
            pool.granted("a");

            pool.lost("a");

            assertThat(pool.starts).containsExactly("a", "a");
            assertThat(pool.discarded).containsExactly("a 1");
            assertThat(pool.status("a").failure()).isEqualTo("the engine ended by itself");
            assertThat(pool.status("a").users()).isZero();
        }

        @Test
        void modelLostAgainAndAgainIsStartedAfterGrowingPauses() {
            pool.granted("a");
            pool.lost("a");

            for (long pause : new long[] {1, 2, 4, 8, 16, 32, 60, 60}) {
                pool.ready("a");
                int before = pool.starts.size();
                pool.lost("a");
                assertThat(pool.status("a").retryIn()).isEqualTo(Duration.ofSeconds(pause));
                pool.pass(Duration.ofSeconds(pause).minus(MOMENT));
                assertThat(pool.starts).hasSize(before);
                pool.pass(MOMENT);
                assertThat(pool.starts).hasSize(before + 1);
            }
        }

        @Test
        void modelThatRanWellIsStartedAtOnceAgain() {
            pool.granted("a");
            pool.lost("a");
            pool.ready("a");
            pool.pass(Duration.ofSeconds(60));

            pool.lost("a");

            assertThat(pool.starts).hasSize(3);
        }

        @Test
        void modelThatGaveAWholeAnswerIsStartedAtOnceHoweverOftenItIsLost() {
            for (int i = 0; i < 20; i++) {
                pool.release(pool.granted("a"));
                pool.lost("a");
                assertThat(pool.starts).hasSize(i + 2);
                pool.ready("a");
            }
        }

        @Test
        void requestDuringThePauseIsToldWhenToComeBack() {
            pool.granted("a");
            pool.lost("a");
            pool.ready("a");
            pool.lost("a");

            Ask ask = pool.ask("a");

            assertThat(ask.refusal().code()).isEqualTo(ErrorCode.MODEL_LOAD_FAILED);
            assertThat(ask.refusal().retryAfter()).isEqualTo(Duration.ofSeconds(1));
        }

        @Test
        void whatComesLateFromTheLostOneChangesNothing() {
            pool.granted("a");
            pool.lost("a");
            int epoch = pool.ready("a");
            Ask ask = pool.ask("a");

            pool.policy.release(id("a"), 1, pool.nowNanos);
            pool.policy.lost(id("a"), 1, "late", pool.nowNanos);
            pool.policy.stopped(id("a"), 1, pool.nowNanos);
            pool.policy.startEnded(id("a"), 1, "late", pool.nowNanos);
            pool.policy.progress(id("a"), 1, LoadPhase.STARTING, 0.5f);
            boolean taken = pool.policy.started(id("a"), 1, GIB, pool.nowNanos);

            assertThat(taken).isFalse();
            assertThat(ask.epoch).isEqualTo(epoch);
            assertThat(pool.policy.take()).isEmpty();
            assertThat(pool.status("a").users()).isEqualTo(1);
            assertThat(pool.state("a")).isEqualTo(ModelState.READY);
            assertThat(pool.status("a").measuredBytes()).isZero();
        }

        @Test
        void modelLostWhileItWasToLeaveDoesNotComeBack() {
            pool.granted("a");
            pool.unload("a");

            pool.lost("a");

            assertThat(pool.starts).hasSize(1);
            pool.pass(Duration.ofMinutes(2));
            assertThat(pool.starts).hasSize(1);
        }

        @Test
        void restartCanBeCalledOff() {
            pool.granted("a");
            pool.lost("a");
            pool.ready("a");
            pool.lost("a");

            pool.cancelLoad("a");

            pool.pass(Duration.ofMinutes(2));
            assertThat(pool.starts).hasSize(2);
        }
    }

    /// Starts that do not end well.
    @Nested
    class Failing {
        private final PoolFixture pool = PoolFixture.with(settings().loadTimeout(Duration.ofSeconds(30)));

        @Test
        void waitersOfAFailedLoadAreToldTheReasonAndWhenToComeBack() {
            List<Ask> asks = pool.ask("a", 3);

            pool.fails("a", "the file is damaged");

            assertThat(asks).allSatisfy(ask -> {
                assertThat(ask.refusal().code()).isEqualTo(ErrorCode.MODEL_LOAD_FAILED);
                assertThat(ask.refusal().message()).contains("the file is damaged");
                assertThat(ask.refusal().retryAfter()).isEqualTo(Duration.ofSeconds(1));
            });
            assertThat(pool.state("a")).isEqualTo(ModelState.FAILED);
            assertThat(pool.status("a").failure()).isEqualTo("the file is damaged");
            assertThat(pool.status("a").reservedBytes()).isZero();
        }

        @Test
        void pausesBetweenFailedLoadsGrow() {
            for (long pause : new long[] {1, 2, 4, 8, 16, 32, 60, 60}) {
                pool.ask("a");
                pool.fails("a", "no");
                assertThat(pool.status("a").retryIn()).isEqualTo(Duration.ofSeconds(pause));
                pool.pass(Duration.ofSeconds(pause).minus(MOMENT));
                assertThat(pool.ask("a").refusal().retryAfter()).isEqualTo(MOMENT);
                pool.pass(MOMENT);
            }
            assertThat(pool.ask("a").isWaiting()).isTrue();
        }

        @Test
        void failedLoadIsNotTriedAgainUnasked() {
            pool.ask("a");
            pool.fails("a", "no");

            pool.pass(Duration.ofMinutes(2));

            assertThat(pool.starts).hasSize(1);
        }

        @Test
        void whoAsksForTheLoadItselfDoesNotWaitForThePause() {
            pool.ask("a");
            pool.fails("a", "no");

            pool.load("a");

            assertThat(pool.starts).hasSize(2);
            pool.ready("a");
            assertThat(pool.status("a").failure()).isNull();
        }

        @Test
        void pausesBeginAnewAfterAModelHasLeftInPeace() {
            pool.ask("a");
            pool.fails("a", "no");
            pool.load("a");
            pool.fails("a", "no");
            pool.load("a");
            pool.ready("a");
            pool.unload("a");
            pool.leaves("a");

            pool.ask("a");
            pool.fails("a", "no");

            assertThat(pool.status("a").retryIn()).isEqualTo(Duration.ofSeconds(1));
        }

        @Test
        void loadThatTakesTooLongIsCancelledAndItsWaitersAreTold() {
            Ask ask = pool.ask("a");
            pool.pass(Duration.ofSeconds(30).minus(MOMENT));
            assertThat(ask.isWaiting()).isTrue();

            pool.pass(MOMENT);

            assertThat(ask.refusal().code()).isEqualTo(ErrorCode.MODEL_LOAD_TIMEOUT);
            assertThat(ask.refusal().message()).contains("30 s");
            assertThat(pool.cancelled).containsExactly("a");
            pool.leaves("a");
            assertThat(pool.state("a")).isEqualTo(ModelState.FAILED);
        }

        @Test
        void requestThatComesWhileATimedOutLoadEndsIsServedAfterThePause() {
            pool.ask("a");
            pool.pass(Duration.ofSeconds(30));
            Ask late = pool.ask("a");
            pool.leaves("a");

            pool.pass(Duration.ofSeconds(1));

            pool.ready("a");
            assertThat(late.isGranted()).isTrue();
        }

        @Test
        void failureOfOneModelLetsTheNextOneLoad() {
            pool.ask("a");
            Ask next = pool.ask("b");

            pool.fails("a", "no");

            pool.ready("b");
            assertThat(next.isGranted()).isTrue();
        }
    }
}
