package dev.millrace.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.cache.SingleFlight.Dissolved;
import dev.millrace.gateway.cache.SingleFlight.Follow;
import dev.millrace.gateway.cache.SingleFlight.Lead;
import dev.millrace.gateway.cache.SingleFlight.Rejected;
import dev.millrace.gateway.cache.SingleFlight.Succession;
import dev.millrace.gateway.cache.SingleFlight.Takeover;
import dev.millrace.gateway.cache.SingleFlight.Unchanged;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Thousands of random histories. A failure prints its seed; replay it alone with `-Dmillrace.simulation.seed=SEED`.
class SingleFlightSimulationTest {
    private static final int HISTORIES = Integer.getInteger("millrace.simulation.histories", 3_000);

    @Test
    void everyKeyHasOneLeaderAndEveryWaiterOneEnd() {
        Long only = Long.getLong("millrace.simulation.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? HISTORIES : only;
        int takeovers = 0;
        int dissolved = 0;
        int rejected = 0;
        for (long seed = first; seed <= last; seed++) {
            var history = new History(seed);
            try {
                history.run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " (replay: -Dmillrace.simulation.seed=" + seed + ")", e);
            }
            takeovers += history.takeovers;
            dissolved += history.sentOff;
            rejected += history.rejected;
        }
        if (only == null) {
            // The histories must reach the rare paths, or they prove nothing about them.
            assertThat(takeovers).isGreaterThan(1_000);
            assertThat(dissolved).isGreaterThan(100);
            assertThat(rejected).isGreaterThan(1_000);
        }
    }

    /// What each waiter was told, kept apart from the machine that tells it: a queue for each key, its leader in front.
    private static final class History {
        private static final int KEYS = 4;

        private final SplittableRandom random;
        private final SingleFlight<Integer, Integer> flights;
        private final List<List<Integer>> queues = new ArrayList<>();
        private final int failing;
        private int arrived;
        private int ended;
        private int takeovers;
        private int sentOff;
        private int rejected;

        History(long seed) {
            random = new SplittableRandom(seed);
            flights = new SingleFlight<>(random.nextInt(1, KEYS), random.nextInt(0, 8));
            failing = random.nextInt(10);
            for (int key = 0; key < KEYS; key++) {
                queues.add(new ArrayList<>());
            }
        }

        void run() {
            int steps = random.nextInt(5, 60);
            for (int step = 0; step < steps; step++) {
                int key = random.nextInt(KEYS);
                if (random.nextInt(5) < 3) {
                    arrive(key, step);
                } else {
                    end(key, somebody(key, step));
                }
                check();
            }
            for (int key = 0; key < KEYS; key++) {
                while (!queues.get(key).isEmpty()) {
                    end(key, queues.get(key).getFirst());
                    check();
                }
            }
            verify(arrived == ended, "every waiter has one end");
            verify(flights.keys() == 0 && flights.waiters() == 0, "nothing is left");
        }

        /// Mostly the leader, now and then a follower, one who is gone, or one who never came.
        private int somebody(int key, int stranger) {
            List<Integer> queue = queues.get(key);
            int luck = random.nextInt(10);
            if (queue.isEmpty() || luck == 0) {
                return random.nextInt(stranger + 1000);
            }
            return luck < 7 ? queue.getFirst() : queue.get(random.nextInt(queue.size()));
        }

        private void arrive(int key, int waiter) {
            List<Integer> queue = queues.get(key);
            if (random.nextInt(6) == 0) {
                if (flights.claimRefresh(key, waiter)) {
                    verify(queue.isEmpty(), "a refresh beside a leader");
                    join(queue, waiter);
                }
                return;
            }
            switch (flights.arrive(key, waiter)) {
                case Lead() -> verify(join(queue, waiter) == 0, "a second leader");
                case Follow(int position) -> verify(join(queue, waiter) == position, "position");
                case Rejected _ -> rejected++;
            }
        }

        private int join(List<Integer> queue, int waiter) {
            arrived++;
            queue.add(waiter);
            return queue.size() - 1;
        }

        private void end(int key, int waiter) {
            List<Integer> queue = queues.get(key);
            boolean leads = !queue.isEmpty() && queue.getFirst() == waiter;
            if (random.nextInt(10) < failing) {
                succession(queue, waiter, leads, flights.failed(key, waiter));
            } else if (random.nextBoolean()) {
                Succession<Integer> succession = flights.left(key, waiter);
                if (!leads && queue.removeIf(w -> w == waiter)) {
                    ended++;
                }
                succession(queue, waiter, leads, succession);
            } else {
                List<Integer> served = flights.finished(key, waiter);
                verify(served.equals(leads ? queue.subList(1, queue.size()) : List.of()), "served");
                if (leads) {
                    endAll(queue);
                }
            }
        }

        private void succession(List<Integer> queue, int waiter, boolean leads, Succession<Integer> succession) {
            if (leads) {
                verify(queue.removeFirst() == waiter, "the leader ends");
                ended++;
            }
            switch (succession) {
                case Takeover<Integer>(Integer next) -> {
                    takeovers++;
                    verify(leads && next.equals(queue.getFirst()), "the oldest takes over");
                }
                case Dissolved<Integer>(List<Integer> rest) -> {
                    sentOff += rest.size();
                    verify(leads && rest.equals(queue), "all that are left are sent off");
                    endAll(queue);
                }
                case Unchanged<Integer> _ -> verify(!leads, "a leader without succession");
            }
        }

        private void endAll(List<Integer> queue) {
            ended += queue.size();
            queue.clear();
        }

        private void check() {
            flights.checkInvariants();
            int waiting = queues.stream().mapToInt(List::size).sum();
            verify(flights.waiters() == waiting && arrived == ended + waiting, "accounts");
            verify(flights.keys() == queues.stream().filter(q -> !q.isEmpty()).count(), "keys");
        }

        private static void verify(boolean holds, String what) {
            if (!holds) {
                throw new AssertionError(what);
            }
        }
    }
}
