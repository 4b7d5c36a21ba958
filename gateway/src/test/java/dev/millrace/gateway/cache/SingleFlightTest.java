package dev.millrace.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.cache.SingleFlight.Dissolved;
import dev.millrace.gateway.cache.SingleFlight.Follow;
import dev.millrace.gateway.cache.SingleFlight.Full;
import dev.millrace.gateway.cache.SingleFlight.Lead;
import dev.millrace.gateway.cache.SingleFlight.Rejected;
import dev.millrace.gateway.cache.SingleFlight.Takeover;
import dev.millrace.gateway.cache.SingleFlight.Unchanged;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
    private final SingleFlight<String, Integer> flights = new SingleFlight<>(2, 3);

    @Test
    void aThousandMissesOfOneKeyComputeItOnce() {
        var wide = new SingleFlight<String, Integer>(1, 1_000);
        assertThat(wide.arrive("k", 0)).isEqualTo(new Lead());
        for (int i = 1; i <= 999; i++) {
            assertThat(wide.arrive("k", i)).isEqualTo(new Follow(i));
        }

        List<Integer> served = wide.finished("k", 0);

        assertThat(served).hasSize(999).isSorted();
        assertThat(wide.keys()).isZero();
    }

    @Test
    void theOldestFollowerTakesOverFromALeaderThatFailsOrLeaves() {
        arrive("k", 1, 2, 3, 4);

        assertThat(flights.failed("k", 1)).isEqualTo(new Takeover<>(2));
        assertThat(flights.left("k", 2)).isEqualTo(new Takeover<>(3));
        assertThat(flights.finished("k", 3)).containsExactly(4);
        assertThat(flights.waiters()).isZero();
    }

    @Test
    void aLeaderWithoutFollowersLeavesNothingBehind() {
        arrive("k", 1);
        assertThat(flights.failed("k", 1)).isEqualTo(new Dissolved<>(List.of()));
        arrive("k", 2);
        assertThat(flights.left("k", 2)).isEqualTo(new Dissolved<>(List.of()));

        assertThat(flights.keys()).isZero();
        assertThat(flights.arrive("k", 3)).isEqualTo(new Lead());
    }

    @Test
    void followersAreSentOffAfterThreeFailuresInsteadOfFailingOneByOne() {
        var wide = new SingleFlight<String, Integer>(1, 1_000);
        for (int i = 0; i < 100; i++) {
            wide.arrive("k", i);
        }

        assertThat(wide.failed("k", 0)).isEqualTo(new Takeover<>(1));
        assertThat(wide.left("k", 1)).isEqualTo(new Takeover<>(2)); // leaving is no failure
        assertThat(wide.failed("k", 2)).isEqualTo(new Takeover<>(3));
        assertThat(wide.failed("k", 3))
                .isEqualTo(new Dissolved<>(IntStream.range(4, 100).boxed().toList()));
        assertThat(wide.keys()).isZero();
    }

    @Test
    void aFollowerThatLeavesIsNeitherServedNorLeads() {
        arrive("k", 1, 2, 3);

        assertThat(flights.left("k", 2)).isEqualTo(new Unchanged<>());
        assertThat(flights.failed("k", 1)).isEqualTo(new Takeover<>(3));
        assertThat(flights.finished("k", 3)).isEmpty();
    }

    @Test
    void callsOfWhoDoesNotLeadChangeNothing() {
        arrive("k", 1, 2);
        flights.left("k", 1);

        assertThat(flights.finished("k", 1)).isEmpty();
        assertThat(flights.failed("k", 1)).isEqualTo(new Unchanged<>());
        assertThat(flights.left("k", 1)).isEqualTo(new Unchanged<>());
        assertThat(flights.left("other", 1)).isEqualTo(new Unchanged<>());
        assertThat(flights.failed("other", 1)).isEqualTo(new Unchanged<>());
        assertThat(flights.waiters()).isEqualTo(1);
    }

    @Test
    void whoFindsNoRoomIsTold() {
        arrive("k", 1, 2, 3, 4);
        arrive("l", 1);

        assertThat(flights.arrive("k", 5)).isEqualTo(new Rejected(Full.FOLLOWERS));
        assertThat(flights.arrive("m", 1)).isEqualTo(new Rejected(Full.KEYS));
        assertThat(flights.claimRefresh("m", 1)).isFalse();
        flights.checkInvariants();
    }

    @Test
    void waitingTwiceIsAMistake() {
        arrive("k", 1, 2);

        assertThatThrownBy(() -> flights.arrive("k", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> flights.arrive("k", 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void oneCallerOnlyRefreshesUntilItIsDone() {
        assertThat(flights.claimRefresh("k", 1)).isTrue();
        assertThat(flights.claimRefresh("k", 2)).isFalse();
        flights.finished("k", 1);
        assertThat(flights.claimRefresh("k", 2)).isTrue();
        flights.failed("k", 2);
        assertThat(flights.claimRefresh("k", 3)).isTrue();
    }

    /// The answer may run out while it is being refreshed.
    @Test
    void whoArrivesDuringARefreshFollowsItAndTakesOverFromIt() {
        flights.claimRefresh("k", 1);

        assertThat(flights.arrive("k", 2)).isEqualTo(new Follow(1));
        assertThat(flights.failed("k", 1)).isEqualTo(new Takeover<>(2));
        assertThat(flights.claimRefresh("k", 3)).isFalse();
    }

    private void arrive(String key, Integer... waiters) {
        for (Integer waiter : waiters) {
            flights.arrive(key, waiter);
            flights.checkInvariants();
        }
    }
}
