package dev.millrace.models.lifecycle;

import static dev.millrace.models.lifecycle.PoolFixture.MOMENT;
import static dev.millrace.models.lifecycle.PoolFixture.SWAP;
import static dev.millrace.models.lifecycle.TestSettings.GIB;
import static dev.millrace.models.lifecycle.TestSettings.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Who fits beside whom, and who has to make room.
class PlacementTest {
    private static final Demand NO_WAIT = new Demand(null, true, false);

    /// Who fits beside whom.
    @Nested
    class Fitting {
        @Test
        void modelThatCannotFitIsRefusedWithTheSum() {
            MemoryNeed need = new MemoryNeed(5 * GIB, GIB, GIB / 2, 0);
            PoolFixture pool = PoolFixture.with(settings().budget(4), new TestModels().needs("a", need));

            Ask ask = pool.ask("a");

            assertThat(ask.refusal().code()).isEqualTo(ErrorCode.INSUFFICIENT_MEMORY);
            assertThat(ask.refusal().message())
                    .contains("6.5 GiB = 5.0 weights + 1.0 KV cache + 0.5 compute buffers")
                    .contains("4.0 GiB");
            assertThat(ask.refusal().retryAfter()).isNull();
            assertThat(pool.starts).isEmpty();
        }

        @Test
        void requestThatMayNotWaitIsToldAtOnceThatTheModelCannotFit() {
            PoolFixture pool = PoolFixture.with(settings().budget(4), new TestModels().needs("a", 5 * GIB));

            Ask ask = pool.ask("a", NO_WAIT);

            assertThat(ask.refusal().code()).isEqualTo(ErrorCode.INSUFFICIENT_MEMORY);
        }

        @Test
        void refusedModelDoesNotHoldUpThoseBehindIt() {
            PoolFixture pool = PoolFixture.with(settings().budget(4), new TestModels().needs("big", 5 * GIB));
            pool.ask("big");

            Ask ask = pool.granted("a");

            assertThat(ask.isGranted()).isTrue();
        }

        @Test
        void measuredMemoryReplacesTheEstimate() {
            PoolFixture pool = PoolFixture.with(settings().budget(4), new TestModels().needs("a", 3 * GIB));
            pool.ask("a");
            assertThat(pool.status("a").reservedBytes()).isEqualTo(3 * GIB);

            pool.ready("a", 2 * GIB);

            assertThat(pool.status("a").reservedBytes()).isEqualTo(2 * GIB);
            assertThat(pool.status("a").measuredBytes()).isEqualTo(2 * GIB);
            pool.granted("b");
            pool.granted("c");
            assertThat(pool.stops).isEmpty();
        }

        @Test
        void idleModelsLeaveWhenANewOneTakesMoreThanExpected() {
            PoolFixture pool = PoolFixture.with(settings().budget(3));
            pool.release(pool.granted("old"));
            pool.pass(MOMENT);
            pool.release(pool.granted("new"));
            pool.ask("a");

            pool.ready("a", 2 * GIB);

            assertThat(pool.stops).containsExactly("old");
        }

        @Test
        void busyModelLeavesForOneThatTakesMoreThanExpectedOnceItIsIdle() {
            PoolFixture pool = PoolFixture.with(settings().budget(2));
            Ask busy = pool.granted("busy");
            pool.ask("a");
            pool.ready("a", 2 * GIB);
            assertThat(pool.stops).isEmpty();

            pool.release(busy);

            assertThat(pool.stops).containsExactly("busy");
        }

        @Test
        void modelThatWasMeasuredBeyondTheBudgetRunsAlone() {
            PoolFixture pool = PoolFixture.with(settings().budget(2));
            Ask first = pool.ask("a");
            pool.ready("a", 3 * GIB);
            pool.release(first);
            assertThat(pool.stops).isEmpty();
            pool.unload("a");
            pool.leaves("a");
            pool.release(pool.granted("b"));

            Ask second = pool.ask("a");

            assertThat(pool.stops).containsExactly("a", "b");
            pool.leaves("b");
            pool.ready("a", 3 * GIB);
            assertThat(second.isGranted()).isTrue();
        }

        @Test
        void noMoreModelsThanAllowedAreInMemory() {
            PoolFixture pool = PoolFixture.with(settings().maxLoaded(2));
            pool.release(pool.granted("a"));
            pool.pass(MOMENT);
            pool.granted("b");

            Ask third = pool.ask("c");

            assertThat(pool.stops).containsExactly("a");
            assertThat(pool.starts).containsExactly("a", "b");
            pool.leaves("a");
            pool.ready("c");
            assertThat(third.isGranted()).isTrue();
        }

        @Test
        void noMoreModelsThanAllowedLoadAtATime() {
            PoolFixture pool = PoolFixture.with(settings().concurrentLoads(2));
            pool.ask("a");
            pool.ask("b");
            pool.ask("c");
            assertThat(pool.starts).containsExactly("a", "b");
            assertThat(pool.state("c")).isEqualTo(ModelState.QUEUED);

            pool.ready("b");

            assertThat(pool.starts).containsExactly("a", "b", "c");
        }

        @Test
        void noMoreRequestsThanAllowedWaitForAModel() {
            PoolFixture pool = PoolFixture.with(settings().waiters(2));
            List<Ask> waiting = pool.ask("a", 2);

            Ask third = pool.ask("a");

            assertThat(third.refusal().code()).isEqualTo(ErrorCode.QUEUE_FULL);
            assertThat(waiting).allMatch(Ask::isWaiting);
            assertThat(pool.status("a").waiters()).isEqualTo(2);
        }

        @Test
        void modelsWaitForMemoryInTheOrderOfTheirOldestRequest() {
            TestModels models = new TestModels().needs("large", 3 * GIB);
            PoolFixture pool = PoolFixture.with(settings().budget(3).concurrentLoads(3), models);
            Ask busy = pool.granted("a");
            Ask large = pool.ask("large");
            pool.pass(MOMENT);

            Ask small = pool.ask("small");

            assertThat(small.isWaiting()).as("would fit, and is not let past").isTrue();
            pool.release(busy);
            pool.leaves("a");
            pool.ready("large");
            assertThat(large.isGranted()).isTrue();
        }

        @Test
        void swapIsCalledOffWhenTheWaiterLeaves() {
            PoolFixture pool = PoolFixture.with(settings().budget(1));
            Ask busy = pool.granted("a");
            Ask other = pool.ask("b");
            pool.pass(SWAP);
            Ask late = pool.ask("a");
            assertThat(late.isWaiting()).isTrue();

            pool.withdraw(other);

            assertThat(late.isGranted()).isTrue();
            pool.release(busy);
            assertThat(pool.stops).isEmpty();
        }

        @Test
        void modelsInUseServeWhoeverComesUntilTheSwapTime() {
            PoolFixture pool = PoolFixture.with(settings().budget(1));
            pool.granted("a");
            pool.ask("b");

            pool.pass(SWAP.minus(MOMENT));
            assertThat(pool.ask("a").isGranted()).isTrue();
            pool.pass(MOMENT);

            assertThat(pool.ask("a").isWaiting()).isTrue();
        }

        @Test
        void modelInUseStaysAsLongAsItsLoadTookButNotForEver() {
            PoolFixture pool = PoolFixture.with(settings().budget(1));
            Ask busy = pool.ask("a");
            pool.pass(SWAP.multipliedBy(5));
            pool.ready("a");
            assertThat(busy.isGranted()).isTrue();
            pool.ask("b");

            pool.pass(SWAP.multipliedBy(5).minus(MOMENT));
            assertThat(pool.ask("a").isGranted())
                    .as("loaded for five swap times")
                    .isTrue();
            pool.pass(MOMENT);
            assertThat(pool.ask("a").isWaiting()).isTrue();

            PoolFixture slow = PoolFixture.with(settings().budget(1));
            slow.ask("a");
            slow.pass(SWAP.multipliedBy(60));
            slow.ready("a");
            slow.ask("b");
            slow.pass(SWAP.multipliedBy(10));
            assertThat(slow.ask("a").isWaiting())
                    .as("others can wait no longer")
                    .isTrue();
        }

        @Test
        void swapMakesNoMoreModelsLeaveThanItNeeds() {
            PoolFixture pool = PoolFixture.with(settings().budget(2));
            List<Ask> first = List.of(pool.granted("a"), pool.ask("a"));
            pool.granted("b");
            pool.pass(MOMENT);
            pool.ask("c");
            pool.pass(SWAP);

            pool.release(first.getFirst());
            pool.pass(SWAP);

            assertThat(pool.ask("b").isGranted()).isTrue();
        }
    }

    /// What the machine has free, beside the budget.
    @Nested
    class Available {
        private final PoolFixture pool = PoolFixture.with(settings());

        @Test
        void modelIsRefusedIfTheMachineHasNotEnough() {
            pool.availableBytes = GIB / 2;
            pool.tick();

            Ask ask = pool.ask("a");

            assertThat(ask.refusal().code()).isEqualTo(ErrorCode.INSUFFICIENT_MEMORY);
            assertThat(ask.refusal().message()).contains("1.0 GiB").contains("0.5 GiB more than is free");
        }

        @Test
        void idleModelMakesRoomIfTheMachineHasNotEnough() {
            pool.release(pool.granted("a"));
            pool.availableBytes = GIB / 2;
            pool.pass(MOMENT);

            Ask ask = pool.ask("b");

            assertThat(pool.stops).containsExactly("a");
            assertThat(ask.isWaiting()).isTrue();
        }

        @Test
        void memoryOfAModelThatLeftIsReadAgainBeforeAnybodyIsRefused() {
            pool.release(pool.granted("a"));
            pool.availableBytes = GIB / 2;
            pool.pass(MOMENT);
            Ask ask = pool.ask("b");

            pool.leaves("a");

            assertThat(ask.isWaiting()).isTrue();
            pool.availableBytes = GIB + GIB / 2;
            pool.pass(MOMENT);
            pool.ready("b");
            assertThat(ask.isGranted()).isTrue();
        }

        @Test
        void memoryPromisedToALoadIsNotPromisedAgain() {
            PoolFixture two = PoolFixture.with(settings().concurrentLoads(2));
            two.availableBytes = GIB + GIB / 2;
            two.tick();
            two.ask("a");

            Ask second = two.ask("b");

            assertThat(two.starts).containsExactly("a");
            assertThat(second.isWaiting()).isTrue();
        }

        @Test
        void memoryThatALoadHasTakenIsNotPromisedBeforeItIsReadAgain() {
            pool.availableBytes = GIB + GIB / 2;
            pool.tick();
            pool.ask("a");
            pool.ask("b");

            pool.ready("a");

            assertThat(pool.starts).containsExactly("a");
        }
    }
}
