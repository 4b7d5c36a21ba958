package dev.millrace.models.lifecycle;

import static dev.millrace.models.lifecycle.PoolFixture.GRACE;
import static dev.millrace.models.lifecycle.PoolFixture.SWAP;
import static dev.millrace.models.lifecycle.PoolFixture.id;
import static dev.millrace.models.lifecycle.TestSettings.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What people ask of the pool, and what they see of it.
class PoolWishesTest {
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
    private static final Demand NO_LOAD = new Demand(null, false, true);
    private static final Demand NO_WAIT = new Demand(null, true, false);

    private static Demand keeping(Duration time) {
        return new Demand(time, true, true);
    }

    /// Wishes of people.
    @Nested
    class Wishing {
        private final PoolFixture pool = PoolFixture.with(settings().budget(1));

        @Test
        void unloadOfABusyModelWaitsForItsLeases() {
            Ask busy = pool.granted("a");

            pool.unload("a");

            assertThat(pool.stops).isEmpty();
            pool.release(busy);
            assertThat(pool.stops).containsExactly("a");
            pool.leaves("a");
            assertThat(pool.state("a")).isEqualTo(ModelState.UNLOADED);
        }

        @Test
        void unloadOfAnIdleModelIsDoneAtOnceAlsoIfItIsPinned() {
            pool.release(pool.granted("a"));
            pool.pin("a");

            pool.unload("a");

            assertThat(pool.stops).containsExactly("a");
            assertThat(pool.status("a").pinned()).isFalse();
        }

        @Test
        void pinnedModelThatFailsIsTriedAgainByItselfWithPausesThatGrow() {
            pool.pin("a");
            pool.load("a");

            List<Long> pausesMillis = new ArrayList<>();
            for (int i = 1; i <= 8; i++) {
                pool.fails("a", "no luck");
                long failedNanos = pool.nowNanos;
                for (int tick = 0; tick < 1_000 && pool.starts.size() == i; tick++) {
                    pool.pass(Duration.ofMillis(100));
                }
                pausesMillis.add((pool.nowNanos - failedNanos) / 1_000_000);
            }

            assertThat(pausesMillis)
                    .containsExactly(1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 32_000L, 60_000L, 60_000L);
            pool.ready("a");
            assertThat(pool.status("a").failure()).isNull();
        }

        @Test
        void modelThatFailsAndIsNotPinnedWaitsUntilSomebodyAsks() {
            pool.pin("a");
            pool.load("a");
            pool.fails("a", "no luck");

            pool.unpin("a");
            pool.pass(Duration.ofMinutes(2));

            assertThat(pool.starts).containsExactly("a");
        }

        @Test
        void pinnedModelThatIsUnloadedByHandDoesNotComeBack() {
            pool.pin("a");
            pool.load("a");
            pool.fails("a", "no luck");

            pool.unload("a");
            pool.pass(Duration.ofMinutes(2));

            assertThat(pool.starts).containsExactly("a");
        }

        @Test
        void unloadDuringTheStartEndsItAndTellsTheWaiters() {
            Ask ask = pool.ask("a");

            pool.unload("a");

            assertThat(pool.cancelled).containsExactly("a");
            assertThat(ask.refusal().code()).isEqualTo(ErrorCode.MODEL_UNLOADED);
        }

        @Test
        void unloadInTheQueueTellsTheWaiters() {
            pool.granted("a");
            Ask ask = pool.ask("b");

            pool.unload("b");

            assertThat(ask.refusal().code()).isEqualTo(ErrorCode.MODEL_UNLOADED);
            assertThat(pool.state("b")).isEqualTo(ModelState.UNLOADED);
        }

        @Test
        void unloadOfAnUnknownOrAbsentModelChangesNothing() {
            pool.models.remove("x");

            pool.unload("x");
            pool.unload("a");

            assertThat(pool.state("x")).isEqualTo(ModelState.UNLOADED);
            assertThat(pool.state("a")).isEqualTo(ModelState.UNLOADED);
        }

        @Test
        void pinKeepsAModelThatWasToMakeRoom() {
            Ask busy = pool.granted("a");
            Ask other = pool.ask("b");
            pool.pass(SWAP);
            Ask late = pool.ask("a");
            assertThat(late.isWaiting()).isTrue();

            pool.pin("a");

            assertThat(late.isGranted()).isTrue();
            assertThat(other.refusal().code()).isEqualTo(ErrorCode.INSUFFICIENT_MEMORY);
            pool.release(busy);
            assertThat(pool.stops).isEmpty();
        }

        @ParameterizedTest
        @EnumSource(LoadPhase.class)
        void loadCanBeCancelledInEveryPhase(LoadPhase phase) {
            Ask ask = pool.ask("a");
            pool.progress("a", phase, 0.5f);

            pool.cancelLoad("a");

            assertThat(pool.cancelled).containsExactly("a");
            assertThat(ask.refusal().code()).isEqualTo(ErrorCode.MODEL_UNLOADED);
            pool.leaves("a");
            assertThat(pool.state("a")).isEqualTo(ModelState.UNLOADED);
            assertThat(pool.status("a").progress()).isZero();
        }

        @Test
        void queuedLoadCanBeCancelled() {
            pool.granted("a");
            Ask ask = pool.ask("b");

            pool.cancelLoad("b");

            assertThat(ask.refusal().code()).isEqualTo(ErrorCode.MODEL_UNLOADED);
            assertThat(pool.state("b")).isEqualTo(ModelState.UNLOADED);
        }

        @Test
        void cancellingALoadThatIsDoneChangesNothing() {
            pool.granted("a");

            pool.cancelLoad("a");

            assertThat(pool.state("a")).isEqualTo(ModelState.READY);
        }

        @Test
        void requestThatMayNotLoadIsRefusedUnlessTheModelIsComing() {
            Ask refused = pool.ask("a", NO_LOAD);
            pool.load("a");
            Ask waiting = pool.ask("a", NO_LOAD);
            pool.ready("a");
            Ask served = pool.ask("a", NO_LOAD);

            assertThat(refused.refusal().code()).isEqualTo(ErrorCode.MODEL_UNLOADED);
            assertThat(waiting.isGranted()).isTrue();
            assertThat(served.isGranted()).isTrue();
        }

        @Test
        void requestThatMayNotWaitIsRefusedAndTheModelLoads() {
            Ask refused = pool.ask("a", NO_WAIT);

            assertThat(refused.refusal().code()).isEqualTo(ErrorCode.MODEL_LOADING);
            assertThat(refused.refusal().retryAfter()).isEqualTo(Duration.ofSeconds(1));
            pool.ready("a");
            assertThat(pool.ask("a", NO_WAIT).isGranted()).isTrue();
        }

        @Test
        void wishForAModelThatIsCalledBackIsFulfilledOnce() {
            Ask busy = pool.granted("a");
            Ask other = pool.ask("b");
            pool.pass(SWAP);
            pool.load("a");

            pool.withdraw(other);

            pool.release(busy);
            pool.pass(FIVE_MINUTES);
            pool.leaves("a");
            assertThat(pool.starts).containsExactly("a");
        }
    }

    /// What people see.
    @Nested
    class Showing {
        private final PoolFixture pool = PoolFixture.with(settings());

        @Test
        void unknownModelIsNotInMemory() {
            assertThat(pool.status("a"))
                    .isEqualTo(new ModelStatus(
                            id("a"), ModelState.UNLOADED, 0, null, false, 0, 0, 0, 0, null, false, null, null));
        }

        @Test
        void modelThatLeavesAfterItsRequestsIsShownAsSuch() {
            Ask busy = pool.granted("a");
            boolean before = pool.status("a").draining();

            pool.unload("a");

            assertThat(before).isFalse();
            assertThat(pool.status("a").draining()).isTrue();
            assertThat(pool.status("a").users()).isEqualTo(1);
            pool.release(busy);
            assertThat(pool.status("a").draining()).isFalse();
        }

        @Test
        void progressOnlyGrows() {
            pool.ask("a");
            pool.progress("a", LoadPhase.LOADING, 0.5f);
            float half = pool.status("a").progress();

            pool.progress("a", LoadPhase.STARTING, 1);
            pool.progress("a", LoadPhase.LOADING, 0.2f);

            assertThat(half).isBetween(0.3f, 0.6f);
            assertThat(pool.status("a").progress()).isEqualTo(half);
            assertThat(pool.state("a")).isEqualTo(ModelState.LOADING);
            pool.progress("a", LoadPhase.WARMING, 1);
            assertThat(pool.status("a").progress()).isEqualTo(1);
            assertThat(pool.state("a")).isEqualTo(ModelState.WARMING);
        }

        @Test
        void timeLeftIsForeseenFromTheProgress() {
            pool.ask("a");
            assertThat(pool.status("a").timeLeft()).isNull();
            pool.pass(Duration.ofSeconds(10));

            pool.progress("a", LoadPhase.WARMING, 0);

            assertThat(pool.status("a").timeLeft()).isBetween(Duration.ofMillis(2_400), Duration.ofMillis(2_600));
        }

        @Test
        void timeLeftIsForeseenFromTheLastLoad() {
            pool.ask("a");
            pool.pass(Duration.ofSeconds(10));
            pool.ready("a");
            pool.lost("a");

            pool.pass(Duration.ofSeconds(4));

            assertThat(pool.status("a").timeLeft()).isEqualTo(Duration.ofSeconds(6));
            pool.pass(Duration.ofSeconds(20));
            assertThat(pool.status("a").timeLeft()).isEqualTo(Duration.ZERO);
            assertThat(pool.ask("a", NO_WAIT).refusal().retryAfter()).isEqualTo(Duration.ofSeconds(1));
        }

        @Test
        void modelThatNobodyUsedYetExpiresAfterItsGrace() {
            pool.load("a", keeping(Duration.ofSeconds(1)));
            pool.ready("a");

            assertThat(pool.status("a").expiresIn()).isEqualTo(GRACE);
        }

        @Test
        void modelThatWentFromTheListIsNotFound() {
            PoolFixture one = PoolFixture.with(settings().budget(1));
            Ask busy = one.granted("a");
            Ask ask = one.ask("b");
            one.models.remove("b");

            one.release(busy);

            assertThat(ask.refusal().code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        }
    }

    /// The end.
    @Nested
    class Closing {
        private final PoolFixture pool = PoolFixture.with(settings().budget(2));

        @Test
        void closeAnswersEveryWaiterAndStopsEverything() {
            Ask busy = pool.granted("busy");
            Ask starting = pool.ask("starting");
            Ask queued = pool.ask("queued");

            pool.close();

            assertThat(pool.stops).containsExactly("busy");
            assertThat(pool.cancelled).containsExactly("starting");
            assertThat(List.of(starting, queued)).allMatch(ask -> ask.refusal().code() == ErrorCode.SERVER_SHUTDOWN);
            pool.leaves("busy");
            pool.leaves("starting");
            pool.release(busy);
            assertThat(pool.starts).containsExactly("busy", "starting");
        }

        @Test
        void whoComesAfterTheCloseIsRefused() {
            pool.release(pool.granted("a"));
            pool.close();

            Ask late = pool.ask("a");
            pool.load("b");

            assertThat(late.refusal().code()).isEqualTo(ErrorCode.SERVER_SHUTDOWN);
            assertThat(pool.starts).containsExactly("a");
        }
    }
}
