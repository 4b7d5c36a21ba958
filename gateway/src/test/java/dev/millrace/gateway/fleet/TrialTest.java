package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.FIRST_EJECTION;
import static dev.millrace.gateway.fleet.FleetFixture.MODEL;
import static dev.millrace.gateway.fleet.FleetFixture.SECOND;
import static dev.millrace.gateway.fleet.FleetFixture.SLOW_START;
import static dev.millrace.gateway.fleet.FleetFixture.ask;
import static dev.millrace.gateway.fleet.FleetFixture.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.gateway.fleet.EndpointStatus.State;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// How an ejected endpoint comes back.
class TrialTest {
    /// The one request that finds out.
    @Nested
    class Trial {
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

    /// Weight that grows.
    @Nested
    class SlowStart {
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
            steep.join("a");
            steep.offer("a", MODEL);

            assertThat(steep.state("a")).isEqualTo(State.WELL);
        }
    }

    /// What probes do.
    @Nested
    class Probes {
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
}
