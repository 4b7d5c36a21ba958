package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.MODEL;
import static dev.millrace.gateway.fleet.FleetFixture.ask;
import static dev.millrace.gateway.fleet.FleetFixture.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.fleet.EndpointStatus.State;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Who is there, and who offers what.
class OfferingTest {
    /// Models.
    @Nested
    class Offers {
        private final FleetFixture fleet = FleetFixture.leastLoad("a", "b");

        @Test
        void modelThatNobodyOffersIsUnknown() {
            assertThat(fleet.choose(ask("other"))).isEqualTo(new Choice.Unknown());
        }

        @Test
        void requestGoesOnlyToAnEndpointThatOffersItsModel() {
            fleet.offer("b", "other");

            assertThat(fleet.spread(ask(MODEL), 20)).containsOnlyKeys("a");
            assertThat(fleet.spread(ask("other"), 20)).containsOnlyKeys("b");
        }

        @Test
        void attemptNamesTheModelAsItsEndpointDoes() {
            Attempt attempt = fleet.sendTo("b");

            assertThat(attempt.upstreamModel()).isEqualTo("m@b");
            assertThat(attempt.endpoint()).isEqualTo(id("b"));
        }

        @Test
        void newNameOfTheSameModelIsUsedFromThenOn() {
            fleet.fleet.offers(id("b"), Map.of(MODEL, "renamed"), fleet.nowNanos);

            assertThat(fleet.sendTo("b").upstreamModel()).isEqualTo("renamed");
        }

        @Test
        void whatIsNoLongerOfferedIsNotAskedFor() {
            fleet.offer("a", "x");
            fleet.offer("a", "y");

            assertThat(fleet.choose(ask("x"))).isEqualTo(new Choice.Unknown());
            assertThat(fleet.fleet.models()).containsExactly(MODEL, "y");
        }

        @Test
        void namesOfAllAreSortedAndOnce() {
            fleet.offer("a", "z", MODEL, "c");

            assertThat(fleet.fleet.models()).containsExactly("c", MODEL, "z");
        }

        @Test
        void modelThatIsNotHeldIsNotAskedForUntilItIsOfferedAnew() {
            fleet.fleet.notHeld(id("a"), MODEL);
            assertThat(fleet.spread(ask(MODEL), 20)).containsOnlyKeys("b");

            fleet.offer("a", MODEL);

            assertThat(fleet.send(ask(MODEL, "b")).endpoint()).isEqualTo(id("a"));
        }

        @Test
        void wrongModelWithdrawsTheOfferWithoutBeingAFailure() {
            fleet.end(fleet.sendTo("a"), Outcome.WRONG_MODEL);

            assertThat(fleet.spread(ask(MODEL), 20)).containsOnlyKeys("b");
            assertThat(fleet.status("a").failures()).isZero();
            assertThat(fleet.status("a").models()).isEmpty();
            assertThat(fleet.state("a")).isEqualTo(State.NEW);
        }

        @Test
        void fleetOffersSomethingWhileAnybodyDoes() {
            fleet.offer("a");
            assertThat(fleet.fleet.offersAnything()).isTrue();

            fleet.leave("b");

            assertThat(fleet.fleet.offersAnything()).isFalse();
            assertThat(fleet.fleet.models()).isEmpty();
        }
    }

    /// Endpoints.
    @Nested
    class Membership {
        private final FleetFixture fleet = FleetFixture.leastLoad("a", "b");

        @Test
        void newEndpointTakesNothingUntilItOffersSomething() {
            fleet.join("c");

            assertThat(fleet.state("c")).isEqualTo(State.NEW);
            assertThat(fleet.spread(ask(MODEL), 50)).doesNotContainKey("c");
        }

        @Test
        void endpointThatLeftTakesNoRequestsAndIsForgottenWhenTheLastOneHasEnded() {
            Attempt last = fleet.sendTo("a");

            fleet.leave("a");

            assertThat(fleet.state("a")).isEqualTo(State.GONE);
            assertThat(fleet.spread(ask(MODEL), 20)).containsOnlyKeys("b");
            fleet.end(last, Outcome.ANSWERED);
            assertThat(fleet.fleet.statuses(fleet.nowNanos))
                    .extracting(EndpointStatus::endpoint)
                    .containsExactly(id("b"));
        }

        @Test
        void idleEndpointThatLeftIsForgottenAtOnce() {
            fleet.leave("a");

            assertThat(fleet.fleet.statuses(fleet.nowNanos)).hasSize(1);
        }

        @Test
        void endpointThatStaysKeepsItsState() {
            fleet.eject("a");

            fleet.join("c");

            assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
            assertThat(fleet.status("a").attempts()).isEqualTo(5);
        }

        @Test
        void endpointThatComesBackBeforeItsRequestsEndedCountsThemAndIsStillEjected() {
            Attempt running = fleet.sendTo("a");
            fleet.eject("a");
            fleet.leave("a");

            fleet.join("a");
            fleet.offer("a", MODEL);

            assertThat(fleet.state("a")).isEqualTo(State.EJECTED);
            assertThat(fleet.status("a").inFlight()).isEqualTo(1);
            fleet.end(running, Outcome.ANSWERED);
            assertThat(fleet.status("a").inFlight()).isZero();
        }

        @Test
        void upstreamReplacesOnlyItsOwnEndpoints() {
            EndpointId other = new EndpointId("second", "a");
            fleet.fleet.endpoints("second", Map.of(other, 1), fleet.nowNanos);
            fleet.fleet.offers(other, Map.of(MODEL, "m2"), fleet.nowNanos);

            fleet.fleet.endpoints("pool", Map.of(), fleet.nowNanos);

            assertThat(fleet.send().endpoint()).isEqualTo(other);
        }

        @Test
        void whatIsHeardOfAnEndpointThatIsNotConfiguredIsIgnored() {
            fleet.offer("stranger", "x");
            fleet.probe("stranger", false, 5);
            fleet.probe("stranger", true, 5);
            fleet.fleet.busyFor(id("stranger"), 5, fleet.nowNanos);
            fleet.fleet.notHeld(id("stranger"), MODEL);

            assertThat(fleet.fleet.models()).containsExactly(MODEL);
            assertThat(fleet.fleet.statuses(fleet.nowNanos)).hasSize(2);
        }

        @Test
        void lateListOfModelsDoesNotBringBackAnEndpointThatLeft() {
            fleet.sendTo("a");
            fleet.leave("a");

            fleet.offer("a", "x");

            assertThat(fleet.fleet.models()).containsExactly(MODEL);
        }

        @Test
        void endpointOfAnotherUpstreamIsRefused() {
            assertThatThrownBy(() -> fleet.fleet.endpoints("second", Map.of(id("a"), 1), 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("endpoint: pool/a (expected: of second)");
        }

        @Test
        void weightBelowOneIsRefused() {
            assertThatThrownBy(() -> fleet.weigh("a", 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("weight of pool/a: 0 (expected: 1..");
        }

        @Test
        void statusesAreInTheOrderOfJoiningAndShowTheConfiguredWeight() {
            fleet.join("c");
            fleet.weigh("a", 3);

            assertThat(fleet.fleet.statuses(fleet.nowNanos))
                    .extracting(status -> status.endpoint().address() + status.weight())
                    .containsExactly("a3", "b1", "c1");
        }
    }

    /// Attempts.
    @Nested
    class Attempts {
        private final FleetFixture fleet = FleetFixture.leastLoad("a", "b");

        @Test
        void requestIsNotSentWhereItWasTried() {
            assertThat(fleet.spread(ask(MODEL, "a"), 20)).containsOnlyKeys("b");
        }

        @Test
        void requestThatTriedAllIsExhausted() {
            assertThat(fleet.choose(ask(MODEL, "a", "b"))).isEqualTo(new Choice.Exhausted());
        }

        @Test
        void requestThatTriedAllThatCouldTakeItIsExhausted() {
            fleet.eject("a");

            assertThat(fleet.choose(ask(MODEL, "b"))).isEqualTo(new Choice.Exhausted());
        }

        @Test
        void canSendSaysWhetherTheRequestWouldGoSomewhereAndSendsNothing() {
            assertThat(fleet.fleet.canSend(ask(MODEL, "a"), fleet.nowNanos)).isTrue();
            assertThat(fleet.fleet.canSend(ask(MODEL, "a", "b"), fleet.nowNanos))
                    .isFalse();
            assertThat(fleet.fleet.canSend(ask("other"), fleet.nowNanos)).isFalse();
            assertThat(fleet.status("b").inFlight()).isZero();
        }

        @Test
        void attemptsAndThoseUnderWayAreCounted() {
            Attempt first = fleet.sendTo("a");
            fleet.sendTo("a");

            fleet.end(first, Outcome.ANSWERED);

            assertThat(fleet.status("a").inFlight()).isEqualTo(1);
            assertThat(fleet.status("a").attempts()).isEqualTo(2);
            assertThat(first.trial()).isFalse();
        }

        @Test
        void attemptEndsOnlyOnce() {
            Attempt attempt = fleet.send();
            fleet.end(attempt, Outcome.ANSWERED);

            assertThatThrownBy(() -> fleet.end(attempt, Outcome.ANSWERED))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("ended twice (expected: once)");
        }
    }
}
