package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.FIRST_EJECTION;
import static dev.millrace.gateway.fleet.FleetFixture.MODEL;
import static dev.millrace.gateway.fleet.FleetFixture.SLOW_START;
import static dev.millrace.gateway.fleet.FleetFixture.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.gateway.fleet.EndpointStatus.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Weight that grows.
class SlowStartTest {
    private final FleetFixture fleet = FleetFixture.leastLoad("a");

    private double partOfB() {
        int requests = 4_000;
        return fleet.spread(ask(MODEL), requests).getOrDefault("b", 0) / (double) requests;
    }

    @Test
    void newEndpointGetsATenthFirstAndTheWholeAtTheEnd() {
        fleet.join("b");
        fleet.offer("b", MODEL);

        assertThat(partOfB()).isCloseTo(0.1 / 1.1, within(0.03));
        assertThat(fleet.state("b")).isEqualTo(State.WARMING);
        fleet.pass(SLOW_START.dividedBy(2));
        assertThat(partOfB()).isCloseTo(0.55 / 1.55, within(0.03));
        fleet.pass(SLOW_START.dividedBy(2).minusNanos(1));
        assertThat(fleet.state("b")).isEqualTo(State.WARMING);
        fleet.pass(Duration.ofNanos(1));
        assertThat(fleet.state("b")).isEqualTo(State.WELL);
        assertThat(partOfB()).isCloseTo(0.5, within(0.03));
    }

    @Test
    void slowStartBeginsWithTheFirstOfferNotWithTheAddress() {
        fleet.join("b");
        fleet.pass(SLOW_START);

        fleet.offer("b", MODEL);

        assertThat(fleet.state("b")).isEqualTo(State.WARMING);
    }

    @Test
    void furtherListOfModelsDoesNotBeginItAnew() {
        fleet.offer("a", MODEL, "other");

        assertThat(fleet.state("a")).isEqualTo(State.WELL);
    }

    @Test
    void endpointThatReturnsGetsATenthFirst() {
        fleet.warm("b");
        fleet.eject("b");
        fleet.pass(FIRST_EJECTION);
        fleet.end(fleet.send(), Outcome.ANSWERED);

        assertThat(partOfB()).isCloseTo(0.1 / 1.1, within(0.03));
    }

    @Test
    void warmingEndpointCarriesATenthOfTheLoad() {
        fleet.join("b");
        fleet.offer("b", MODEL);

        for (int i = 0; i < 110; i++) {
            fleet.send();
        }

        assertThat(fleet.status("b").inFlight()).isBetween(8, 12);
    }

    @Test
    void withoutSlowStartTheWholeWeightCountsAtOnce() {
        FleetFixture steep = FleetFixture.with(new FleetSettings(
                Policy.LEAST_LOAD, 0, new HealthSettings(5, 1, 1, 50, 0, 3, 2), PrefixSettings.usual()));
        steep.join("a", "b");
        steep.offer("a", MODEL);
        steep.offer("b", MODEL);

        assertThat(steep.state("a")).isEqualTo(State.WELL);
        assertThat(steep.spread(ask(MODEL), 100)).containsOnlyKeys("a", "b");
    }
}
