package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.FIRST_EJECTION;
import static dev.millrace.gateway.fleet.FleetFixture.MODEL;
import static dev.millrace.gateway.fleet.FleetFixture.SECOND;
import static dev.millrace.gateway.fleet.FleetFixture.SLOW_START;
import static dev.millrace.gateway.fleet.FleetFixture.ask;
import static dev.millrace.gateway.fleet.FleetFixture.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fleet.EndpointStatus.State;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// How an ejected endpoint comes back.
class TrialTest {
    private final FleetFixture fleet = FleetFixture.leastLoad("a", "b", "c");

    private Attempt trialOfA() {
        fleet.eject("a");
        fleet.pass(FIRST_EJECTION);
        return fleet.send();
    }

    @Test
    void firstRequestAfterTheEjectionIsTheTrial() {
        Attempt trial = trialOfA();

        assertThat(trial.endpoint()).isEqualTo(id("a"));
        assertThat(trial.trial()).isTrue();
        assertThat(fleet.state("a")).isEqualTo(State.TRIAL);
    }

    @Test
    void whileATrialRunsNoOtherRequestGoesThere() {
        trialOfA();

        assertThat(fleet.spread(ask(MODEL), 50)).containsOnlyKeys("b", "c");
    }

    @Test
    void trialThatIsAnsweredBringsTheEndpointBackSlowly() {
        fleet.end(trialOfA(), Outcome.ANSWERED);

        assertThat(fleet.state("a")).isEqualTo(State.WARMING);
        assertThat(fleet.status("a").consecutiveFailures()).isZero();
        assertThat(fleet.sendTo("a").trial()).isFalse();
        fleet.pass(SLOW_START);
        assertThat(fleet.state("a")).isEqualTo(State.WELL);
    }

    @Test
    void trialThatFailsEjectsAgainWithASingleFailure() {
        fleet.end(trialOfA(), Outcome.FAILED);

        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
        fleet.pass(FIRST_EJECTION);
        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
        fleet.pass(FIRST_EJECTION);
        assertThat(fleet.state("a")).isEqualTo(State.TRIAL);
    }

    @ParameterizedTest
    @EnumSource(names = {"BUSY", "UNDECIDED"})
    void trialThatSaysNothingLeavesThePlaceToTheNext(Outcome nothing) {
        fleet.end(trialOfA(), nothing);

        assertThat(fleet.state("a")).isEqualTo(State.TRIAL);
        assertThat(fleet.send().trial()).isTrue();
    }

    @Test
    void trialForAModelThatIsNotThereLeavesThePlaceToTheNext() {
        fleet.offer("a", MODEL, "other");
        fleet.end(trialOfA(), Outcome.WRONG_MODEL);

        assertThat(fleet.send(ask("other")).trial()).isTrue();
    }

    @Test
    void trialSucceedsWhenTheEndpointBeginsToAnswer() {
        Attempt trial = trialOfA();

        fleet.fleet.answering(trial, fleet.nowNanos);

        assertThat(fleet.state("a")).isEqualTo(State.WARMING);
        assertThat(fleet.sendTo("a").trial()).isFalse();
        fleet.end(trial, Outcome.FAILED);
        assertThat(fleet.state("a")).isEqualTo(State.WARMING);
        assertThat(fleet.status("a").consecutiveFailures()).isEqualTo(1);
    }

    @Test
    void beginningOfAnAnswerOutsideATrialChangesNothing() {
        fleet.fail("a", 4);
        Attempt attempt = fleet.sendTo("a");

        fleet.fleet.answering(attempt, fleet.nowNanos);

        assertThat(fleet.state("a")).isEqualTo(State.WELL);
        assertThat(fleet.status("a").consecutiveFailures()).isEqualTo(4);
    }

    @Test
    void beginningOfAnEarlierAnswerDoesNotBringTheEndpointBack() {
        Attempt earlier = fleet.sendTo("a");
        fleet.eject("a");

        fleet.fleet.answering(earlier, fleet.nowNanos);

        assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
    }

    @Test
    void requestThatFailedElsewhereIsNotTheTrialWhileAnotherCanTakeIt() {
        fleet.eject("a");
        fleet.pass(FIRST_EJECTION);

        assertThat(fleet.send(ask(MODEL, "b")).endpoint()).isEqualTo(id("c"));
        assertThat(fleet.send(ask(MODEL, "b", "c")).trial()).isTrue();
    }

    @Test
    void eachEndpointHasItsOwnTrial() {
        FleetFixture four = FleetFixture.leastLoad("a", "b", "c", "d");
        four.eject("a");
        four.eject("b");
        four.pass(FIRST_EJECTION);

        List<Attempt> attempts = List.of(four.send(), four.send(), four.send());

        assertThat(attempts).extracting(Attempt::trial).containsExactly(true, true, false);
        assertThat(attempts).extracting(Attempt::endpoint).contains(id("a"), id("b"));
    }

    @Test
    void whileTheTrialOfTheOnlyEndpointRunsOthersAreToldToComeBackSoon() {
        FleetFixture single = FleetFixture.leastLoad("a");
        single.eject("a");
        single.pass(FIRST_EJECTION);
        single.send();

        assertThat(single.wait(ask(MODEL))).isEqualTo(SECOND);
    }
}
