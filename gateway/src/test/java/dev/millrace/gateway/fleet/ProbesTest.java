package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.FIRST_EJECTION;
import static dev.millrace.gateway.fleet.FleetFixture.MODEL;
import static dev.millrace.gateway.fleet.FleetFixture.SECOND;
import static dev.millrace.gateway.fleet.FleetFixture.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fleet.EndpointStatus.State;
import org.junit.jupiter.api.Test;

/// What active probes do.
class ProbesTest {
    private final FleetFixture fleet = FleetFixture.leastLoad("a", "b", "c");

    @Test
    void failedProbesTakeAnEndpointOutWhateverTheShare() {
        fleet.probe("a", false, 2);
        assertThat(fleet.state("a")).isEqualTo(State.WELL);
        fleet.probe("a", false, 1);
        fleet.probe("b", false, 3);

        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
        assertThat(fleet.state("b")).isEqualTo(State.EJECTED);
        assertThat(fleet.status("a").ejections()).isEqualTo(1);
        assertThat(fleet.spread(ask(MODEL), 20)).containsOnlyKeys("c");
    }

    @Test
    void lastEndpointOfItsModelsStaysWhateverProbesSay() {
        fleet.probe("a", false, 3);
        fleet.probe("b", false, 3);

        fleet.probe("c", false, 9);

        assertThat(fleet.state("c")).isEqualTo(State.WELL);
    }

    @Test
    void endpointOfAnotherModelIsNoSubstitute() {
        fleet.leave("b");
        fleet.offer("c", "other");

        fleet.probe("a", false, 9);

        assertThat(fleet.state("a")).isEqualTo(State.WELL);
    }

    @Test
    void goodProbeBetweenBadOnesStartsTheCountAnew() {
        fleet.probe("a", false, 2);
        fleet.probe("a", true, 1);
        fleet.probe("a", false, 2);

        assertThat(fleet.state("a")).isEqualTo(State.WELL);
    }

    @Test
    void goodProbesInARowBringBackWhatProbesTookOut() {
        fleet.probe("a", false, 3);
        fleet.probe("a", true, 1);
        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
        fleet.probe("a", false, 1);
        fleet.probe("a", true, 1);
        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);

        fleet.probe("a", true, 1);

        assertThat(fleet.state("a")).isEqualTo(State.WARMING);
    }

    @Test
    void goodProbesDoNotBringBackWhatFailsAtItsWork() {
        fleet.eject("a");

        fleet.probe("a", true, 10);

        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
    }

    @Test
    void endpointThatFailedAndWasThenAwayComesBackWithGoodProbes() {
        fleet.eject("a");
        fleet.probe("a", false, 3);

        fleet.probe("a", true, 2);

        assertThat(fleet.state("a")).isEqualTo(State.WARMING);
    }

    @Test
    void goodProbesAfterTheReturnBringNothingBack() {
        fleet.probe("a", false, 3);
        fleet.probe("a", true, 2);
        fleet.eject("a");

        fleet.probe("a", true, 10);

        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
    }

    @Test
    void whileProbesFailNoRequestIsSpentOnTheEndpoint() {
        fleet.probe("a", false, 3);

        for (int i = 0; i < 40; i++) {
            fleet.pass(SECOND.dividedBy(2));
            fleet.probe("a", false, 1);
            assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
        }
        assertThat(fleet.status("a").ejections()).isEqualTo(1);
    }

    @Test
    void eachFurtherFailedProbeDoublesTheTimeSoThatProbesMayBeRare() {
        fleet.probe("a", false, 3);
        fleet.probe("a", false, 3);

        fleet.pass(SECOND.multipliedBy(7));
        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
        fleet.pass(SECOND.multipliedBy(2));
        assertThat(fleet.state("a")).isEqualTo(State.TRIAL);
    }

    @Test
    void trialThatFailsAfterProbesBroughtTheEndpointBackIsAFailureLikeOthers() {
        fleet.probe("a", false, 3);
        fleet.pass(FIRST_EJECTION);
        Attempt trial = fleet.send();
        fleet.probe("a", true, 2);

        fleet.end(trial, Outcome.FAILED);

        assertThat(fleet.state("a")).isEqualTo(State.WARMING);
        assertThat(fleet.status("a").consecutiveFailures()).isEqualTo(1);
    }

    @Test
    void whenProbesStopARequestFindsOut() {
        fleet.probe("a", false, 3);

        fleet.pass(FIRST_EJECTION);

        assertThat(fleet.send().trial()).isTrue();
    }

    @Test
    void trialThatIsAnsweredCountsMoreThanProbes() {
        fleet.eject("a");
        fleet.pass(FIRST_EJECTION);
        Attempt trial = fleet.send();
        fleet.probe("a", false, 3);
        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);

        fleet.end(trial, Outcome.ANSWERED);

        assertThat(fleet.state("a")).isEqualTo(State.WARMING);
    }

    @Test
    void endpointThatWasTakenOutByProbesAgainIsOutForLonger() {
        fleet.probe("a", false, 3);
        fleet.probe("a", true, 2);
        fleet.probe("a", false, 3);

        fleet.pass(FIRST_EJECTION);

        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
    }

    @Test
    void endpointWithoutOffersIsNotTakenOut() {
        fleet.join("new");

        fleet.probe("new", false, 5);

        assertThat(fleet.state("new")).isEqualTo(State.NEW);
    }
}
