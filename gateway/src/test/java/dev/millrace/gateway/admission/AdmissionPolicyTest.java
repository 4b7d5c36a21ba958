package dev.millrace.gateway.admission;

import static dev.millrace.gateway.admission.AdmissionFixture.SECOND;
import static dev.millrace.gateway.admission.AdmissionFixture.forModel;
import static dev.millrace.gateway.admission.AdmissionFixture.ticket;
import static dev.millrace.gateway.admission.AdmissionFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionPolicyTest {
    private static final Verdict ADMITTED = new Verdict.Admitted();

    @Test
    void placesAreGivenUntilTheyAreGoneThenTheQueueFills() {
        var door = AdmissionFixture.of(2, 2);

        assertThat(door.arrive(ticket("a", "x"))).isEqualTo(ADMITTED);
        assertThat(door.arrive(ticket("b", "y"))).isEqualTo(ADMITTED);
        assertThat(door.arrive(ticket("c", "x"))).isInstanceOf(Verdict.Queued.class);
        assertThat(door.arrive(ticket("d", "y"))).isInstanceOf(Verdict.Queued.class);
        assertThat(reason(door.arrive(ticket("e", "z")))).isEqualTo(RejectReason.QUEUE_FULL);
    }

    @Test
    void freedPlaceGoesToWhoWaitedLongestOfOneKey() {
        var door = AdmissionFixture.of(1, 8);
        var first = door.holding("a", "x");
        door.arrive(ticket("b", "x"));
        door.arrive(ticket("c", "x"));

        door.release(first);

        assertThat(door.admitted).containsExactly("b");
    }

    @Test
    void keysTakeTurnsHoweverManyOneOfThemSends() {
        var door = AdmissionFixture.of(1, 100);
        var first = door.holding("first", "flood");
        List<Ticket> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(ticket("flood" + i, "flood"));
        }
        waiting.add(ticket("a", "a"));
        waiting.add(ticket("b", "b"));
        waiting.forEach(door::arrive);

        serveAll(door, first, waiting, 3);

        assertThat(door.admitted).contains("a", "b");
    }

    @Test
    void oneKeyFillsItsShareOfTheQueueAndOthersStillEnter() {
        var door = AdmissionFixture.of(1, 4);
        door.holding("a", "flood");
        door.arrive(ticket("b", "flood"));
        door.arrive(ticket("c", "flood"));

        assertThat(reason(door.arrive(ticket("d", "flood")))).isEqualTo(RejectReason.KEY_QUEUE_FULL);
        assertThat(door.arrive(ticket("e", "other"))).isInstanceOf(Verdict.Queued.class);
    }

    @Test
    void fullKeyAndFullModelLetOthersPass() {
        var door = new AdmissionFixture(new AdmissionSettings(1, 2, 10, 1), 4);
        var a = forModel("a", "x", "m1");
        door.arrive(a);
        door.arrive(forModel("x waits for itself", "x", "m2"));
        door.arrive(forModel("b", "y", "m1"));
        door.arrive(forModel("z waits for m1", "z", "m1"));

        assertThat(door.arrive(forModel("c", "u", "m2"))).isEqualTo(ADMITTED);
        assertThat(door.admitted).isEmpty();

        door.release(a);

        assertThat(door.admitted).containsExactlyInAnyOrder("x waits for itself", "z waits for m1");
    }

    @Test
    void fullModelAtTheHeadDoesNotHoldUpItsKey() {
        var door = new AdmissionFixture(new AdmissionSettings(0, 1, 10, 1), 2);
        var a = forModel("a", "x", "m1");
        var b = forModel("b", "x", "m2");
        door.arrive(a);
        door.arrive(b);
        door.arrive(forModel("m1 again", "x", "m1"));
        door.arrive(forModel("m2 again", "x", "m2"));

        door.release(b);

        assertThat(door.admitted).containsExactly("m2 again");
    }

    @Test
    void whoIsPastItsDeadlineIsDroppedAtTheNextOpportunityAndTold() {
        var door = AdmissionFixture.of(1, 4);
        var a = door.holding("a", "x");
        door.arrive(until("b", "x", 2 * SECOND));
        door.arrive(until("c", "y", 9 * SECOND));

        door.nowNanos = 2 * SECOND;
        door.release(a);

        assertThat(door.expired).containsExactly("b");
        assertThat(door.admitted).containsExactly("c");
        assertThat(reason(door.arrive(until("d", "x", SECOND)))).isEqualTo(RejectReason.EXPIRED);
    }

    @Test
    void deadlinesHoldWhereTheClockRunsOver() {
        var door = AdmissionFixture.of(1, 4);
        door.nowNanos = Long.MAX_VALUE - SECOND;
        door.holding("a", "x");
        door.arrive(until("late", "x", door.nowNanos + 3 * SECOND));
        door.arrive(until("early", "y", door.nowNanos + SECOND / 2));

        door.nowNanos += 2 * SECOND;
        door.expire();

        assertThat(door.expired).containsExactly("early");
    }

    @Test
    void whoLeavesIsNotAdmittedAndWhoWasAdmittedCannotLeave() {
        var door = AdmissionFixture.of(1, 8);
        var a = door.holding("a", "x");
        var b = ticket("b", "x");
        var c = ticket("c", "x");
        door.arrive(b);
        door.arrive(c);

        assertThat(door.leave(b)).isTrue();
        door.release(a);

        assertThat(door.admitted).containsExactly("c");
        assertThat(door.leave(c)).isFalse();
        assertThat(door.leave(b)).isTrue();
    }

    @Test
    void givingAPlaceBackTwiceIsNoticed() {
        var door = AdmissionFixture.of(1, 0);
        var a = door.holding("a", "x");
        door.release(a);

        assertThatThrownBy(() -> door.release(a)).hasMessageContaining("GONE (expected: HOLDING)");
    }

    @Test
    void waitIsEstimatedFromHowLongPlacesAreHeld() {
        var door = AdmissionFixture.of(2, 10);
        var a = door.holding("a", "x");
        var b = door.holding("b", "x");
        door.nowNanos = 4 * SECOND;
        door.release(a);
        door.holding("c", "x");

        assertThat(door.arrive(ticket("d", "x"))).isEqualTo(new Verdict.Queued(1, Duration.ofSeconds(2)));
        assertThat(door.arrive(ticket("e", "x"))).isEqualTo(new Verdict.Queued(2, Duration.ofSeconds(4)));
        // A key of its own takes turns: it will not have to wait for all.
        door.arrive(ticket("f", "x"));
        assertThat(door.arrive(ticket("g", "y"))).isEqualTo(new Verdict.Queued(2, Duration.ofSeconds(4)));
        assertThat(b.state).isEqualTo(Ticket.State.HOLDING);
    }

    @Test
    void thoseRefusedTogetherAreToldDifferentTimes() {
        var door = AdmissionFixture.of(1, 10);
        door.holding("a", "x");
        for (int i = 0; i < 5; i++) {
            door.arrive(ticket("w" + i, "x"));
        }

        var one = (Verdict.Rejected) door.arrive(ticket("b", "x"));
        var two = (Verdict.Rejected) door.arrive(ticket("c", "x"));

        assertThat(one.retryAfter()).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(6));
        assertThat(two.retryAfter()).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(6));
        assertThat(one.retryAfter()).isNotEqualTo(two.retryAfter());
    }

    @Test
    void lightestKeysAreShedFirstAndEverybodyIsRefusedInTheEnd() {
        var door = AdmissionFixture.of(100, 10);
        door.arrive(ticket("light", "x", 1));
        door.arrive(ticket("heavy", "y", 10));

        door.pressure = 0.91;
        assertThat(door.arrive(ticket("a", "x", 1))).isEqualTo(ADMITTED);
        door.pressure = 0.92;
        assertThat(reason(door.arrive(ticket("b", "x", 1)))).isEqualTo(RejectReason.SHED);
        assertThat(door.arrive(ticket("c", "z", 5))).isEqualTo(ADMITTED);
        door.pressure = 0.94;
        assertThat(reason(door.arrive(ticket("d", "z", 5)))).isEqualTo(RejectReason.SHED);
        assertThat(door.arrive(ticket("e", "y", 10))).isEqualTo(ADMITTED);
        door.pressure = 0.95;
        assertThat(reason(door.arrive(ticket("f", "y", 10)))).isEqualTo(RejectReason.OVERLOADED);
    }

    @Test
    void limitThatSinksLetsNobodyInUntilEnoughHaveEnded() {
        int[] limit = {3};
        var policy = new AdmissionPolicy(AdmissionSettings.usual(10), learning(limit));
        var a = ticket("a", "x");
        var b = ticket("b", "x");
        policy.arrive(a, 0, 0);
        policy.arrive(b, 0, 0);
        policy.arrive(ticket("c", "x"), 0, 0);
        policy.arrive(ticket("d", "x"), 0, 0);

        limit[0] = 2;
        policy.release(a, 1, true, 0);
        assertThat(policy.takeNotices()).isEmpty();
        policy.release(b, 1, false, 0);
        assertThat(policy.takeNotices()).hasSize(1);
        assertThat(policy.inFlight()).isEqualTo(2);
    }

    private static LimitSource learning(int[] limit) {
        return new LimitSource() {
            @Override
            public int limit() {
                return limit[0];
            }

            @Override
            public void sample(long rttNanos, int inFlight, boolean dropped) {
                assertThat(rttNanos).isEqualTo(1);
            }
        };
    }

    private static RejectReason reason(Verdict verdict) {
        return ((Verdict.Rejected) verdict).reason();
    }

    private static void serveAll(AdmissionFixture door, Ticket first, List<Ticket> waiting, int turns) {
        Ticket holder = first;
        for (int i = 0; i < turns; i++) {
            door.release(holder);
            holder = waiting.stream()
                    .filter(ticket -> ticket.state == Ticket.State.HOLDING)
                    .findFirst()
                    .orElseThrow();
        }
    }
}
