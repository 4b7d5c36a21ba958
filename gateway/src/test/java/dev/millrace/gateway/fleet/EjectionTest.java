package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.FIRST_EJECTION;
import static dev.millrace.gateway.fleet.FleetFixture.MODEL;
import static dev.millrace.gateway.fleet.FleetFixture.SECOND;
import static dev.millrace.gateway.fleet.FleetFixture.SLOW_START;
import static dev.millrace.gateway.fleet.FleetFixture.ask;
import static dev.millrace.gateway.fleet.FleetFixture.names;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fleet.EndpointStatus.State;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Which failures eject an endpoint, and for how long.
class EjectionTest {
    private static Duration tenths(Duration time, int tenths) {
        return time.multipliedBy(tenths).dividedBy(10);
    }

    /// Failures.
    @Nested
    class Failing {
        private final FleetFixture fleet = FleetFixture.leastLoad("a", "b", "c");

        @Test
        void fiveFailuresInARowEjectAndFourDoNot() {
            fleet.fail("a", 4);
            assertThat(fleet.state("a")).isEqualTo(State.WELL);
            assertThat(fleet.status("a").consecutiveFailures()).isEqualTo(4);

            fleet.fail("a", 1);

            assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
            assertThat(fleet.status("a").failures()).isEqualTo(5);
            assertThat(fleet.status("a").ejections()).isEqualTo(1);
        }

        @Test
        void ejectedEndpointTakesNoRequests() {
            fleet.eject("a");

            assertThat(fleet.spread(ask(MODEL), 100)).containsOnlyKeys("b", "c");
        }

        @Test
        void successBetweenFailuresStartsTheCountAnew() {
            fleet.fail("a", 4);
            fleet.answer("a");
            fleet.fail("a", 4);

            assertThat(fleet.state("a")).isEqualTo(State.WELL);
        }

        @Test
        void whatSaysNothingNeitherCountsNorStartsTheCountAnew() {
            fleet.fail("a", 4);
            fleet.end(fleet.sendTo("a"), Outcome.UNDECIDED);
            fleet.end(fleet.sendTo("a"), Outcome.BUSY);
            assertThat(fleet.state("a")).isEqualTo(State.WELL);
            assertThat(fleet.status("a").failures()).isEqualTo(4);

            fleet.fail("a", 1);

            assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
        }

        @Test
        void requestsSentBeforeTheEjectionDoNotLengthenIt() {
            List<Attempt> earlier =
                    IntStream.range(0, 10).mapToObj(_ -> fleet.sendTo("a")).toList();
            fleet.eject("a");

            earlier.forEach(attempt -> fleet.end(attempt, Outcome.FAILED));

            assertThat(fleet.status("a").ejections()).isEqualTo(1);
            assertThat(fleet.status("a").failures()).isEqualTo(15);
            fleet.pass(FIRST_EJECTION);
            assertThat(fleet.state("a")).isEqualTo(State.TRIAL);
        }

        @Test
        void requestsSentBeforeTheEjectionDoNotEjectAgainWhenTheEndpointIsBack() {
            List<Attempt> earlier =
                    IntStream.range(0, 10).mapToObj(_ -> fleet.sendTo("a")).toList();
            fleet.eject("a");
            fleet.pass(FIRST_EJECTION);
            fleet.end(fleet.send(), Outcome.ANSWERED);

            earlier.forEach(attempt -> fleet.end(attempt, Outcome.FAILED));

            assertThat(fleet.state("a")).isEqualTo(State.WARMING);
            assertThat(fleet.status("a").consecutiveFailures()).isZero();
        }

        @Test
        void successOfARequestSentBeforeTheEjectionDoesNotHideFailuresAfterIt() {
            Attempt earlier = fleet.sendTo("a");
            fleet.eject("a");
            fleet.pass(FIRST_EJECTION);
            fleet.end(fleet.send(), Outcome.ANSWERED);
            fleet.fail("a", 4);

            fleet.end(earlier, Outcome.ANSWERED);

            fleet.fail("a", 1);
            assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
        }

        @Test
        void requestSentBeforeTheEjectionDoesNotBringTheEndpointBack() {
            Attempt earlier = fleet.sendTo("a");
            fleet.eject("a");

            fleet.end(earlier, Outcome.ANSWERED);

            assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
            assertThat(fleet.status("a").consecutiveFailures()).isEqualTo(5);
        }
    }

    /// How many may be out at once.
    @Nested
    class Share {
        @Test
        void atMostHalfOfThoseThatOfferAModelAreEjected() {
            FleetFixture fleet = FleetFixture.leastLoad(names(5));

            for (String name : names(5)) {
                fleet.keepFailing(name);
            }

            assertThat(fleet.fleet.statuses(fleet.nowNanos))
                    .extracting(EndpointStatus::state)
                    .containsExactly(State.EJECTED, State.EJECTED, State.WELL, State.WELL, State.WELL);
        }

        @Test
        void oneOfTwoIsEjectedAndTheOtherStays() {
            FleetFixture fleet = FleetFixture.leastLoad("a", "b");
            fleet.eject("a");

            fleet.keepFailing("b");

            assertThat(fleet.state("b")).isEqualTo(State.WELL);
        }

        @Test
        void endpointThatMayNotGoIsEjectedAtItsNextFailureWhenAnotherIsBack() {
            FleetFixture fleet = FleetFixture.leastLoad("a", "b");
            fleet.eject("a");
            fleet.keepFailing("b");
            fleet.pass(FIRST_EJECTION);
            fleet.end(fleet.send(), Outcome.ANSWERED);
            assertThat(fleet.state("a")).isEqualTo(State.WARMING);

            fleet.fail("b", 1);

            assertThat(fleet.state("b")).isEqualTo(State.EJECTED);
        }

        @Test
        void halfOpenEndpointStillCountsAsEjected() {
            FleetFixture fleet = FleetFixture.leastLoad("a", "b");
            fleet.eject("a");
            fleet.pass(FIRST_EJECTION);

            fleet.keepFailing("b");

            assertThat(fleet.state("b")).isEqualTo(State.WELL);
        }

        @Test
        void singleEndpointHasItsCircuit() {
            FleetFixture fleet = FleetFixture.leastLoad("a");

            fleet.eject("a");

            assertThat(fleet.wait(ask(MODEL))).isBetween(tenths(SECOND, 9), tenths(SECOND, 11));
        }

        @Test
        void shareOfEveryModelOfTheEndpointCounts() {
            FleetFixture fleet = FleetFixture.leastLoad("a", "b", "c", "d");
            fleet.offer("a", MODEL, "rare");
            fleet.offer("b", MODEL, "rare");
            fleet.eject("a");

            fleet.keepFailing("b");
            fleet.keepFailing("c");

            assertThat(fleet.state("b")).isEqualTo(State.WELL);
            assertThat(fleet.state("c")).isEqualTo(State.EJECTED);
        }

        @Test
        void endpointsOfOtherModelsDoNotCount() {
            FleetFixture fleet = FleetFixture.leastLoad("a", "b", "c", "d");
            fleet.offer("c", "other");
            fleet.offer("d", "other");
            fleet.eject("a");

            fleet.keepFailing("b");

            assertThat(fleet.state("b")).isEqualTo(State.WELL);
        }

        @Test
        void percentageOfZeroEjectsNobodyForFailures() {
            FleetFixture fleet = FleetFixture.with(new FleetSettings(
                    Policy.LEAST_LOAD, 0, new HealthSettings(5, 1, 1, 0, 0, 3, 2), PrefixSettings.usual()));
            fleet.warm("a", "b");

            fleet.keepFailing("a");

            assertThat(fleet.state("a")).isEqualTo(State.WELL);
        }
    }

    /// How long.
    @Nested
    class Length {
        private final FleetFixture fleet = FleetFixture.leastLoad("a");

        private void failTrial() {
            Attempt trial = fleet.send();
            assertThat(trial.trial()).isTrue();
            fleet.end(trial, Outcome.FAILED);
        }

        @Test
        void eachFailedTrialDoublesTheTimeUpToTheLongest() {
            fleet.eject("a");

            for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
                Duration left = fleet.wait(ask(MODEL));
                assertThat(left)
                        .isBetween(tenths(Duration.ofSeconds(seconds), 9), tenths(Duration.ofSeconds(seconds), 11));
                fleet.pass(left.minusNanos(1));
                assertThat(fleet.wait(ask(MODEL))).isEqualTo(Duration.ofNanos(1));
                fleet.pass(Duration.ofNanos(1));
                failTrial();
            }
            assertThat(fleet.status("a").ejections()).isEqualTo(10);
        }

        @Test
        void timesDiffer() {
            Set<Duration> times = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                fleet.eject("a");
                times.add(fleet.wait(ask(MODEL)));
                fleet.pass(FIRST_EJECTION);
                fleet.end(fleet.send(), Outcome.ANSWERED);
                fleet.pass(SLOW_START);
            }

            assertThat(times).hasSizeGreaterThan(15);
            assertThat(times).allMatch(time -> time.compareTo(tenths(SECOND, 9)) >= 0);
            assertThat(times).anyMatch(time -> time.compareTo(SECOND) < 0);
            assertThat(times).anyMatch(time -> time.compareTo(SECOND) > 0);
        }

        @Test
        void endpointThatFailsAgainSoonAfterItsReturnIsOutForTwiceTheTime() {
            fleet.eject("a");
            fleet.pass(FIRST_EJECTION);
            fleet.end(fleet.send(), Outcome.ANSWERED);
            fleet.pass(SLOW_START.minusNanos(1));

            fleet.eject("a");

            assertThat(fleet.wait(ask(MODEL))).isBetween(tenths(SECOND, 18), tenths(SECOND, 22));
        }

        @Test
        void endpointThatWasWellForLongerThanTheSlowStartBeginsWithTheShortTime() {
            fleet.eject("a");
            fleet.pass(FIRST_EJECTION);
            fleet.end(fleet.send(), Outcome.ANSWERED);
            fleet.pass(SLOW_START);

            fleet.eject("a");

            assertThat(fleet.wait(ask(MODEL))).isLessThanOrEqualTo(tenths(SECOND, 11));
        }

        @Test
        void endpointThatWasOutForLongHasToBeWellForAsLong() {
            fleet.eject("a");
            for (int i = 0; i < 5; i++) {
                fleet.pass(fleet.wait(ask(MODEL)));
                failTrial();
            }
            fleet.pass(fleet.wait(ask(MODEL)));
            fleet.end(fleet.send(), Outcome.ANSWERED);
            fleet.pass(SLOW_START.multipliedBy(2));

            fleet.eject("a");

            assertThat(fleet.wait(ask(MODEL))).isGreaterThan(Duration.ofSeconds(50));
        }
    }
}
