package dev.millrace.server.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.admission.AdmissionSettings;
import dev.millrace.gateway.admission.LimitSource;
import dev.millrace.gateway.admission.RejectReason;
import dev.millrace.gateway.admission.Ticket;
import dev.millrace.gateway.admission.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final List<String> told = new ArrayList<>();
    private long nowNanos;
    private double pressure;

    @Test
    void placesAreGivenUntilTheyAreGoneThenTheQueueFills() {
        var admission = admission(2, 2);

        assertThat(admission.arrive(place("a", "x"))).isInstanceOf(Verdict.Admitted.class);
        assertThat(admission.arrive(place("b", "x"))).isInstanceOf(Verdict.Admitted.class);
        assertThat(admission.arrive(place("c", "x"))).isInstanceOf(Verdict.Queued.class);
        assertThat(admission.arrive(place("d", "y"))).isInstanceOf(Verdict.Queued.class);
        assertThat(admission.arrive(place("e", "z"))).isInstanceOf(Verdict.Rejected.class);
        assertThat(admission.inFlight()).isEqualTo(2);
        assertThat(admission.queued()).isEqualTo(2);
    }

    @Test
    void freedPlaceGoesToWhoWaitedAndIsTold() {
        var admission = admission(1, 4);
        var a = place("a", "x");
        admission.arrive(a);
        admission.arrive(place("b", "x"));
        admission.arrive(place("c", "x"));

        admission.release(a);

        assertThat(told).containsExactly("b admitted");
        assertThat(admission.inFlight()).isEqualTo(1);
        admission.checkInvariants();
    }

    @Test
    void waiterMayComeBackFromWithinTheCall() {
        var admission = admission(1, 4);
        var a = place("a", "x");
        admission.arrive(a);
        Place[] self = new Place[1];
        self[0] = new Place(waiter(() -> admission.release(self[0])), "x", "m", Ticket.NO_DEADLINE);
        admission.arrive(self[0]);

        admission.release(a);

        assertThat(admission.inFlight()).isZero();
    }

    @Test
    void whoWaitedForTooLongIsToldAtTheNextOpportunity() {
        var admission = admission(1, 4);
        var a = place("a", "x");
        var late = new Place(named("late"), "x", "m", 10);
        admission.arrive(a);
        admission.arrive(late);

        nowNanos = 10;
        admission.release(a);

        assertThat(told).containsExactly("late expired");
        assertThat(admission.leave(late)).isTrue();
    }

    @Test
    void shortMemoryRefusesNewWork() {
        var admission = admission(4, 4);
        pressure = 0.96;

        var verdict = admission.arrive(place("a", "x"));

        assertThat(((Verdict.Rejected) verdict).reason()).isEqualTo(RejectReason.OVERLOADED);
    }

    @Test
    void givingAPlaceBackTwiceIsNoticed() {
        var admission = admission(1, 0);
        var a = place("a", "x");
        admission.arrive(a);
        admission.release(a);

        assertThatThrownBy(() -> admission.release(a)).hasMessageContaining("GONE");
    }

    @Test
    void clientIsTheDigestOfItsAuthorization() {
        assertThat(ClientKey.of(null)).isEqualTo(ClientKey.ANONYMOUS);
        assertThat(ClientKey.of("Bearer a"))
                .hasSize(64)
                .isEqualTo(ClientKey.of("Bearer a"))
                .isNotEqualTo(ClientKey.of("Bearer b"))
                .doesNotContain("Bearer");
    }

    @Test
    void accountsAddUpWithManyThreads() throws Exception {
        var admission = admission(3, 1_000);
        var served = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int thread = 0; thread < 4; thread++) {
                String key = "k" + thread;
                threads.execute(() -> {
                    for (int i = 0; i < 100; i++) {
                        comeAndGo(admission, key, served);
                    }
                });
            }
        }

        assertThat(served).hasValue(400);
        assertThat(admission.inFlight()).isZero();
        assertThat(admission.queued()).isZero();
        admission.checkInvariants();
    }

    private void comeAndGo(Admission admission, String key, AtomicInteger served) {
        Place[] self = new Place[1];
        Runnable serve = () -> {
            served.incrementAndGet();
            admission.release(self[0]);
        };
        self[0] = new Place(waiter(serve), key, "m", Ticket.NO_DEADLINE);
        if (admission.arrive(self[0]) instanceof Verdict.Admitted) {
            serve.run();
        }
    }

    private Admission admission(int places, int queue) {
        return new Admission(AdmissionSettings.usual(queue), LimitSource.fixed(places), () -> pressure, () -> nowNanos);
    }

    private Place place(String name, String key) {
        return new Place(named(name), key, "m", Ticket.NO_DEADLINE);
    }

    private Admission.Waiter named(String name) {
        return new Admission.Waiter() {
            @Override
            public void admitted() {
                told.add(name + " admitted");
            }

            @Override
            public void expired() {
                told.add(name + " expired");
            }
        };
    }

    private Admission.Waiter waiter(Runnable onAdmission) {
        return new Admission.Waiter() {
            @Override
            public void admitted() {
                onAdmission.run();
            }

            @Override
            public void expired() {
                told.add("expired");
            }
        };
    }
}
