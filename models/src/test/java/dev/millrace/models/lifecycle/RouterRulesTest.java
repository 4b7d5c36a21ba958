package dev.millrace.models.lifecycle;

import static dev.millrace.models.lifecycle.PoolFixture.GRACE;
import static dev.millrace.models.lifecycle.PoolFixture.MOMENT;
import static dev.millrace.models.lifecycle.PoolFixture.SWAP;
import static dev.millrace.models.lifecycle.TestSettings.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The rules that those who asked rely on, each in a pool with memory for one model unless it says otherwise.
class RouterRulesTest {
    private static final List<String> IN_TURN = List.of("A", "B", "A", "C", "A", "B", "A", "C");

    private final PoolFixture pool = PoolFixture.with(settings().budget(1));

    // --- 1. A busy or loading model is never evicted.

    @Test
    void busyModelIsNotEvictedHoweverLongAnotherWaits() {
        Ask busy = pool.granted("a");
        Ask waiting = pool.ask("b");

        pool.pass(Duration.ofMinutes(10));

        assertThat(pool.stops).isEmpty();
        pool.release(busy);
        assertThat(pool.stops).containsExactly("a");
        pool.leaves("a");
        pool.ready("b");
        assertThat(waiting.isGranted()).isTrue();
    }

    @Test
    void loadingModelIsNotEvictedHoweverLongAnotherWaits() {
        Ask first = pool.ask("a");
        Ask second = pool.ask("b");

        pool.pass(Duration.ofMinutes(1));

        assertThat(pool.cancelled).isEmpty();
        assertThat(pool.state("a")).isEqualTo(ModelState.STARTING);
        pool.ready("a");
        assertThat(first.isGranted()).isTrue();
        assertThat(second.isWaiting()).isTrue();
    }

    @Test
    void pinnedModelIsNotEvictedAndTheOtherIsToldWhy() {
        pool.release(pool.granted("a"));
        pool.pin("a");

        Ask refused = pool.ask("b");

        assertThat(pool.stops).isEmpty();
        assertThat(refused.refusal().code()).isEqualTo(ErrorCode.INSUFFICIENT_MEMORY);
        assertThat(refused.refusal().message()).contains("pinned");
    }

    @Test
    void ofTwoIdleModelsTheLongerUnusedIsEvicted() {
        PoolFixture two = PoolFixture.with(settings().budget(2));
        Ask a = two.granted("a");
        two.release(two.granted("b"));
        two.pass(MOMENT);
        two.release(a);

        two.ask("c");

        assertThat(two.stops).containsExactly("b");
    }

    // --- 2. One load per model, however many ask.

    @Test
    void hundredRequestsForAColdModelMakeOneLoad() {
        List<Ask> asks = pool.ask("a", 100);

        pool.ready("a");

        assertThat(pool.starts).containsExactly("a");
        assertThat(asks).allMatch(Ask::isGranted);
        assertThat(pool.status("a").users()).isEqualTo(100);
    }

    @Test
    void loadsAndRequestsForAModelThatWaitsForMemoryMakeOneLoad() {
        Ask busy = pool.granted("a");
        List<Ask> asks = pool.ask("b", 3);
        pool.load("b");
        pool.load("b");

        pool.release(busy);
        pool.leaves("a");
        pool.ready("b");

        assertThat(pool.starts).containsExactly("a", "b");
        assertThat(asks).allMatch(Ask::isGranted);
    }

    // --- 3. A model in the middle of stopping is never given a request.

    @Test
    void requestForAStoppingModelWaitsForItsNextLoad() {
        pool.release(pool.granted("a"));
        pool.unload("a");
        assertThat(pool.state("a")).isEqualTo(ModelState.STOPPING);

        Ask late = pool.ask("a");

        assertThat(late.isWaiting()).isTrue();
        pool.leaves("a");
        int second = pool.ready("a");
        assertThat(late.epoch).isEqualTo(second).isEqualTo(2);
    }

    @Test
    void startThatWasCancelledIsNotGivenToWhoeverComesAfter() {
        Ask first = pool.ask("a");
        pool.withdraw(first);
        Ask second = pool.ask("a");

        boolean taken = pool.policy.started(first.model, 1, 0, pool.nowNanos);

        assertThat(taken).isFalse();
        assertThat(second.isWaiting()).isTrue();
        pool.leaves("a");
        pool.ready("a");
        assertThat(second.epoch).isEqualTo(2);
    }

    @Test
    void modelThatIsToLeaveGivesNoNewLeases() {
        Ask busy = pool.granted("a");
        pool.unload("a");

        Ask late = pool.ask("a");

        assertThat(late.isWaiting()).isTrue();
        pool.release(busy);
        pool.leaves("a");
        pool.ready("a");
        assertThat(late.isGranted()).isTrue();
    }

    // --- 4. A fresh load is used at least once before it can be evicted.

    @Test
    void freshLoadServesItsWaitersBeforeItMakesRoom() {
        Ask first = pool.ask("a");
        Ask second = pool.ask("b");
        pool.pass(SWAP.multipliedBy(5));

        pool.ready("a");

        assertThat(first.isGranted()).isTrue();
        assertThat(pool.stops).isEmpty();
        pool.release(first);
        assertThat(pool.stops).containsExactly("a");
        pool.leaves("a");
        pool.ready("b");
        assertThat(second.isGranted()).isTrue();
    }

    @Test
    void freshLoadThatNobodyUsesStaysForItsGrace() {
        pool.load("a");
        pool.ready("a");
        Ask other = pool.ask("b");

        pool.pass(GRACE.minus(MOMENT));

        assertThat(pool.stops).isEmpty();
        pool.pass(MOMENT);
        assertThat(pool.stops).containsExactly("a");
        pool.leaves("a");
        pool.ready("b");
        assertThat(other.isGranted()).isTrue();
    }

    @Test
    void freshLoadCanBeUsedDuringItsGraceAlthoughAnotherWaits() {
        pool.load("a");
        pool.ready("a");
        pool.ask("b");
        pool.pass(GRACE.dividedBy(2));

        Ask late = pool.ask("a");

        assertThat(late.isGranted()).isTrue();
    }

    @Test
    void freshLoadOutlivesAZeroKeepAliveForItsGrace() {
        PoolFixture eager = PoolFixture.with(settings().keepAlive(Duration.ZERO));
        Ask impatient = eager.ask("a", new Demand(null, true, false));
        assertThat(impatient.refusal().code()).isEqualTo(ErrorCode.MODEL_LOADING);
        eager.ready("a");

        eager.pass(GRACE.minus(MOMENT));

        assertThat(eager.ask("a").isGranted()).isTrue();
    }

    // --- 5. Each waiter has its own deadline.

    @Test
    void waiterThatLeavesLeavesTheOthersWaiting() {
        List<Ask> asks = pool.ask("a", 3);
        pool.withdraw(asks.get(0));
        pool.withdraw(asks.get(2));

        pool.ready("a");

        assertThat(asks.get(1).isGranted()).isTrue();
        assertThat(pool.cancelled).isEmpty();
        assertThat(pool.status("a").users()).isEqualTo(1);
    }

    @Test
    void waiterThatLeavesDoesNotLendItsPlaceInTheLineToAnother() {
        Ask busy = pool.granted("a");
        Ask early = pool.ask("b");
        pool.pass(MOMENT);
        Ask middle = pool.ask("c");
        pool.pass(MOMENT);
        Ask late = pool.ask("b");

        pool.withdraw(early);
        pool.release(busy);
        pool.leaves("a");

        assertThat(pool.starts).containsExactly("a", "c");
        pool.ready("c");
        assertThat(middle.isGranted()).isTrue();
        assertThat(late.isWaiting()).isTrue();
    }

    @Test
    void answeredRequestCannotBeWithdrawn() {
        Ask granted = pool.granted("a");

        boolean withdrawn = pool.policy.withdraw(granted, pool.nowNanos);

        assertThat(withdrawn).isFalse();
        assertThat(pool.status("a").users()).isEqualTo(1);
    }

    // --- 6. A load nobody waits for is dropped, unless somebody asked for the load itself.

    @Test
    void loadIsDroppedWhenItsLastWaiterLeaves() {
        List<Ask> asks = pool.ask("a", 2);
        pool.withdraw(asks.get(0));
        assertThat(pool.cancelled).isEmpty();

        pool.withdraw(asks.get(1));

        assertThat(pool.cancelled).containsExactly("a");
        pool.leaves("a");
        assertThat(pool.state("a")).isEqualTo(ModelState.UNLOADED);
        assertThat(pool.status("a").reservedBytes()).isZero();
    }

    @Test
    void queuedLoadIsDroppedWhenItsLastWaiterLeaves() {
        Ask busy = pool.granted("a");
        Ask waiting = pool.ask("b");

        pool.withdraw(waiting);

        pool.release(busy);
        assertThat(pool.state("b")).isEqualTo(ModelState.UNLOADED);
        assertThat(pool.state("a")).isEqualTo(ModelState.READY);
    }

    @Test
    void loadThatWasAskedForItselfGoesOnWithoutWaiters() {
        Ask waiting = pool.ask("a");
        pool.load("a");

        pool.withdraw(waiting);

        assertThat(pool.cancelled).isEmpty();
        pool.ready("a");
        assertThat(pool.state("a")).isEqualTo(ModelState.READY);
    }

    // --- 7. No request is lost or answered by another model when models swap.

    @Test
    void requestsInTurnEachGetTheirOwnModelWithOneSwapEach() {
        for (String model : IN_TURN) {
            Ask ask = pool.ask(model);
            settle();
            assertThat(ask.isGranted()).as(ask.toString()).isTrue();
            pool.release(ask);
        }

        // Each wants another model than the one before it: eight loads, and no more.
        assertThat(pool.starts).containsExactly("A", "B", "A", "C", "A", "B", "A", "C");
    }

    @Test
    void requestsAtOnceEachGetTheirOwnModelWithOneLoadPerModel() {
        List<Ask> asks = IN_TURN.stream().map(pool::ask).toList();

        finishAll(asks);

        // A load serves all who waited for it, so nobody makes a model come twice.
        assertThat(pool.starts).containsExactly("A", "B", "C");
    }

    @Test
    void requestsThatKeepComingSwapAtMostOncePerAnswer() {
        List<Ask> asks = new ArrayList<>();
        Duration between = Duration.ofMillis(50);
        Duration answer = Duration.ofMillis(500);
        for (int i = 0; i < 400; i++) {
            asks.add(pool.ask(IN_TURN.get(i % IN_TURN.size())));
            pool.pass(between);
            settle();
            asks.stream()
                    .filter(ask -> ask.isUsing() && pool.nowNanos - ask.grantedNanos >= answer.toNanos())
                    .toList()
                    .forEach(pool::release);
        }

        finishAll(asks);

        // Whoever is in memory finishes its answers first: no more loads than answers one after the other, and nobody
        // waits longer than the swap time and an answer of each model.
        long answersInARow = between.multipliedBy(400).dividedBy(answer);
        assertThat(pool.starts.size()).isBetween(3, (int) answersInARow + 3);
        long longest = asks.stream()
                .mapToLong(ask -> ask.grantedNanos - ask.sinceNanos)
                .max()
                .orElseThrow();
        Duration bound = SWAP.plus(answer.plus(between.multipliedBy(2)).multipliedBy(3));
        assertThat(Duration.ofNanos(longest)).isLessThanOrEqualTo(bound);
    }

    /// The machine does at once what it was told.
    private void settle() {
        for (boolean moved = true; moved; ) {
            moved = false;
            for (PoolFixture.Instance instance : List.copyOf(pool.instances.values())) {
                String model = instance.model.value();
                switch (instance.place) {
                    case STARTING -> pool.ready(model);
                    case CANCELLED, STOPPING -> pool.leaves(model);
                    case READY -> {
                        continue;
                    }
                }
                moved = true;
            }
        }
    }

    private void finishAll(List<Ask> asks) {
        for (int turn = 0; !asks.stream().allMatch(ask -> ask.isGranted() && ask.released); turn++) {
            assertThat(turn).as("turns without an end").isLessThan(1_000);
            settle();
            pool.release(asks.stream().filter(Ask::isUsing).toList());
            pool.pass(Duration.ofMillis(100));
        }
    }
}
