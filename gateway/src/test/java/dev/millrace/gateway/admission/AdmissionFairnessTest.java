package dev.millrace.gateway.admission;

import static dev.millrace.gateway.admission.AdmissionFixture.forModel;
import static dev.millrace.gateway.admission.AdmissionFixture.ticket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Who is served how often where there is more work than places.
class AdmissionFairnessTest {
    private static final int PLACES = 8;

    @Test
    void floodOfOneKeyLeavesAllWithTheSame() {
        for (long seed = 1; seed <= 10; seed++) {
            int[] weights = new int[10];
            Arrays.fill(weights, 1);
            int[] backlogs = new int[10];
            Arrays.fill(backlogs, 2);
            backlogs[0] = 400;

            double[] served = serve(new SplittableRandom(seed), weights, backlogs, 5_000);

            assertThat(jain(served)).as("seed %s", seed).isGreaterThanOrEqualTo(0.95);
        }
    }

    @Test
    void sharesFollowTheWeights() {
        for (long seed = 1; seed <= 10; seed++) {
            var random = new SplittableRandom(seed);
            int[] weights = new int[6];
            Arrays.setAll(weights, _ -> 1 + random.nextInt(20));
            int[] backlogs = new int[6];
            Arrays.setAll(backlogs, _ -> 20 + random.nextInt(100));

            double[] served = serve(random, weights, backlogs, 10_000);

            double all = Arrays.stream(served).sum();
            int weight = Arrays.stream(weights).sum();
            for (int i = 0; i < weights.length; i++) {
                double due = all * weights[i] / weight;
                assertThat(served[i]).as("seed %s key %s", seed, i).isCloseTo(due, within(due / 10));
            }
        }
    }

    @Test
    void endlessRowOfNewKeysDoesNotPassOneThatWasServedOnce() {
        var door = AdmissionFixture.of(1, 40);
        Ticket holder = door.holding("first", "old");
        door.arrive(ticket("second", "old"));
        var newcomers = new ArrayDeque<Ticket>();
        int services = 0;
        while (!door.admitted.contains("second")) {
            while (door.policy.waiting() < 10) {
                Ticket newcomer = ticket("new", "new" + services + "-" + door.policy.waiting());
                door.arrive(newcomer);
                newcomers.add(newcomer);
            }
            door.release(holder);
            services++;
            holder = newcomers.peek();
            if (holder != null && holder.state == Ticket.State.HOLDING) {
                newcomers.poll();
            }
            assertThat(services).isLessThan(30);
        }
    }

    @Test
    void keyWhoseModelWasFullDoesNotMakeUpForAllOfIt() {
        var door = new AdmissionFixture(new AdmissionSettings(0, 1, 1_000, 0.9), 2);
        door.arrive(forModel("hog", "blocked", "full"));
        door.arrive(forModel("waits", "blocked", "full"));
        Ticket holder = forModel("a", "a", "m");
        door.arrive(holder);
        for (int i = 0; i < 100; i++) {
            Ticket next = forModel("n", i % 2 == 0 ? "b" : "a", "m");
            door.arrive(next);
            door.release(holder);
            holder = next;
        }
        door.admitted.clear();

        var waiting = new ArrayList<Ticket>();
        for (int i = 0; i < 20; i++) {
            waiting.add(forModel("blocked", "blocked", "m"));
            waiting.add(forModel("a", "a", "m"));
            waiting.add(forModel("b", "b", "m"));
        }
        waiting.forEach(door::arrive);
        for (int i = 0; i < 12; i++) {
            door.release(holder);
            holder = waiting.stream()
                    .filter(ticket -> ticket.state == Ticket.State.HOLDING)
                    .findFirst()
                    .orElseThrow();
        }

        assertThat(door.admitted.stream().filter("blocked"::equals).count()).isBetween(4L, 6L);
    }

    /// Each key keeps so many waiting; places are held for a random time each.
    private static double[] serve(SplittableRandom random, int[] weights, int[] backlogs, int services) {
        var policy = new AdmissionPolicy(new AdmissionSettings(0, 0, 10_000, 1), LimitSource.fixed(PLACES));
        double[] served = new double[weights.length];
        var held = new ArrayList<Ticket>();
        for (int i = 0; i < weights.length; i++) {
            for (int j = 0; j < backlogs[i]; j++) {
                arrive(policy, held, i, weights[i]);
            }
        }
        for (int i = 0; i < services; i++) {
            Ticket done = held.remove(random.nextInt(held.size()));
            policy.release(done, i);
            for (Notice notice : policy.takeNotices()) {
                held.add(notice.ticket());
                int key = Integer.parseInt(notice.ticket().key);
                served[key]++;
                arrive(policy, held, key, weights[key]);
            }
        }
        policy.checkInvariants();
        return served;
    }

    private static void arrive(AdmissionPolicy policy, List<Ticket> held, int key, int weight) {
        Ticket ticket = ticket("t", Integer.toString(key), weight);
        if (policy.arrive(ticket, 0, 0) instanceof Verdict.Admitted) {
            held.add(ticket);
        }
    }

    private static double jain(double[] shares) {
        double sum = Arrays.stream(shares).sum();
        double squares = Arrays.stream(shares).map(share -> share * share).sum();
        return sum * sum / (shares.length * squares);
    }
}
