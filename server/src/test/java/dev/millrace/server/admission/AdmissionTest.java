package dev.millrace.server.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.admission.Admission.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final List<String> admitted = new ArrayList<>();

    @Test
    void placesAreGivenUntilTheyAreGoneThenTheQueueFills() {
        var admission = new Admission(2, 1);

        assertThat(admission.arrive(waiter("a"))).isEqualTo(Verdict.ADMITTED);
        assertThat(admission.arrive(waiter("b"))).isEqualTo(Verdict.ADMITTED);
        assertThat(admission.arrive(waiter("c"))).isEqualTo(Verdict.QUEUED);
        assertThat(admission.arrive(waiter("d"))).isEqualTo(Verdict.REJECTED);
        assertThat(admission.inFlight()).isEqualTo(2);
        assertThat(admission.queued()).isEqualTo(1);
    }

    @Test
    void freedPlaceGoesToWhoWaitedLongest() {
        var admission = new Admission(1, 3);
        admission.arrive(waiter("a"));
        admission.arrive(waiter("b"));
        admission.arrive(waiter("c"));

        admission.release();

        assertThat(admitted).containsExactly("b");
        assertThat(admission.inFlight()).isEqualTo(1);
        assertThat(admission.queued()).isEqualTo(1);
    }

    @Test
    void whoLeavesIsNotAdmittedAndWhoWasAdmittedCannotLeave() {
        var admission = new Admission(1, 3);
        admission.arrive(waiter("a"));
        var b = waiter("b");
        var c = waiter("c");
        admission.arrive(b);
        admission.arrive(c);

        assertThat(admission.leave(b)).isTrue();
        admission.release();

        assertThat(admitted).containsExactly("c");
        assertThat(admission.leave(c)).isFalse();
    }

    @Test
    void releasingMoreThanWasGivenIsNoticed() {
        var admission = new Admission(1, 0);

        assertThatThrownBy(admission::release).hasMessageContaining("in flight -1");
    }

    @Test
    void accountsAddUpOverRandomHistories() {
        for (long seed = 1; seed <= 200; seed++) {
            playRandomly(new SplittableRandom(seed));
        }
    }

    private static void playRandomly(SplittableRandom random) {
        var admission = new Admission(1 + random.nextInt(4), random.nextInt(5));
        List<Admission.Waiter> waiting = new ArrayList<>();
        int[] holding = {0};
        for (int step = 0; step < 200; step++) {
            if (random.nextInt(3) == 0 && holding[0] > 0) {
                holding[0]--;
                admission.release();
            } else if (random.nextInt(4) == 0 && !waiting.isEmpty()) {
                var leaving = waiting.remove(random.nextInt(waiting.size()));
                assertThat(admission.leave(leaving)).isTrue();
            } else {
                arrive(admission, waiting, holding);
            }
            admission.checkInvariants();
            assertThat(admission.inFlight()).isEqualTo(holding[0]);
            assertThat(admission.queued()).isEqualTo(waiting.size());
        }
    }

    private static void arrive(Admission admission, List<Admission.Waiter> waiting, int[] holding) {
        Admission.Waiter[] self = new Admission.Waiter[1];
        self[0] = () -> {
            waiting.remove(self[0]);
            holding[0]++;
        };
        switch (admission.arrive(self[0])) {
            case ADMITTED -> holding[0]++;
            case QUEUED -> waiting.add(self[0]);
            case REJECTED -> {
                // Turned away.
            }
        }
    }

    private Admission.Waiter waiter(String name) {
        return () -> admitted.add(name);
    }
}
