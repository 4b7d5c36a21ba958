package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.MODEL;
import static dev.millrace.gateway.fleet.FleetFixture.SECOND;
import static dev.millrace.gateway.fleet.FleetFixture.ask;
import static dev.millrace.gateway.fleet.FleetFixture.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fleet.EndpointStatus.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Endpoints that ask for a pause.
class BusyTest {
    private final FleetFixture fleet = FleetFixture.leastLoad("a", "b");

    private void busy(String name, Duration time) {
        fleet.fleet.busyFor(id(name), time.toNanos(), fleet.nowNanos);
    }

    @Test
    void busyEndpointIsLeftAloneForThatLong() {
        busy("a", SECOND);

        assertThat(fleet.state("a")).isEqualTo(State.BUSY);
        assertThat(fleet.spread(ask(MODEL), 20)).containsOnlyKeys("b");
        fleet.pass(SECOND.minusNanos(1));
        assertThat(fleet.state("a")).isEqualTo(State.BUSY);
        fleet.pass(Duration.ofNanos(1));
        assertThat(fleet.state("a")).isEqualTo(State.WELL);
        assertThat(fleet.status("a").failures()).isZero();
    }

    @Test
    void whoJustRefusedIsHardlyChosenWhileAnotherIsThereAndChosenIfItIsAlone() {
        fleet.end(fleet.sendTo("a"), Outcome.BUSY);

        assertThat(fleet.spread(ask(MODEL), 100).getOrDefault("a", 0)).isLessThan(15);
        fleet.pass(Duration.ofMillis(200));
        assertThat(fleet.spread(ask(MODEL), 100).getOrDefault("a", 0)).isGreaterThan(30);

        fleet.end(fleet.sendTo("a"), Outcome.BUSY);
        fleet.leave("b");
        assertThat(fleet.spread(ask(MODEL), 5)).containsOnlyKeys("a");
    }

    @Test
    void whenAllAreBusyTheFirstThatIsNotSaysWhenToAskAgain() {
        busy("a", SECOND.multipliedBy(5));
        busy("b", SECOND.multipliedBy(3));

        assertThat(fleet.wait(ask(MODEL))).isEqualTo(SECOND.multipliedBy(3));
    }

    @Test
    void shorterWishDoesNotEndALongerOne() {
        busy("a", SECOND.multipliedBy(5));
        busy("a", SECOND);
        fleet.pass(SECOND.multipliedBy(4));
        assertThat(fleet.state("a")).isEqualTo(State.BUSY);

        busy("a", SECOND.multipliedBy(2));

        fleet.pass(SECOND);
        assertThat(fleet.state("a")).isEqualTo(State.BUSY);
    }

    @Test
    void nobodyTakesItselfOutForLongerThanAnHour() {
        fleet.fleet.busyFor(id("a"), Long.MAX_VALUE, fleet.nowNanos);
        busy("b", Duration.ofSeconds(-1));
        fleet.leave("b");

        assertThat(fleet.wait(ask(MODEL))).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void timeThatIsNegativeIsNone() {
        busy("a", Duration.ofSeconds(-1));

        assertThat(fleet.state("a")).isEqualTo(State.WELL);
    }

    @Test
    void ejectedEndpointThatIsBusyForLongerIsWaitedForThatLong() {
        fleet.leave("b");
        Attempt last = fleet.sendTo("a");
        fleet.eject("a");
        fleet.end(last, Outcome.BUSY);
        busy("a", SECOND.multipliedBy(7));

        assertThat(fleet.wait(ask(MODEL))).isEqualTo(SECOND.multipliedBy(7));
        fleet.pass(SECOND.multipliedBy(6));
        assertThat(fleet.wait(ask(MODEL))).isEqualTo(SECOND);
    }
}
