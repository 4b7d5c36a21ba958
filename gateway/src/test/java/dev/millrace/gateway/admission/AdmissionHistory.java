package dev.millrace.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/// One random history: who arrives, leaves, ends and runs late, and next to the policy a plain account of
/// what it must be, without order or cleverness.
final class AdmissionHistory {
    private static final int MOST_KEYS = 6;
    private static final int MOST_MODELS = 3;
    private static final int FLOOD = 30;

    private final SplittableRandom random;
    private final AdmissionSettings settings;
    private final int places;
    private final AdmissionPolicy policy;
    private final int[] weights = new int[MOST_KEYS];
    private final Map<Ticket, Wait> waiting = new LinkedHashMap<>();
    private final List<Ticket> holding = new ArrayList<>();
    private final Map<Ticket, String> ends = new LinkedHashMap<>();
    private long nowNanos;

    /// What happened while somebody was first of its key for its model.
    private static final class Wait {
        long othersServed;
        long mostWeight;
        int mostKeys;
    }

    AdmissionHistory(long seed) {
        random = new SplittableRandom(seed);
        nowNanos = random.nextLong();
        places = 1 + random.nextInt(6);
        int perKey = random.nextInt(4);
        int perModel = random.nextInt(4);
        settings = new AdmissionSettings(perKey, perModel, random.nextInt(40), (1 + random.nextInt(10)) / 10.0);
        policy = new AdmissionPolicy(settings, LimitSource.fixed(places));
        for (int i = 0; i < MOST_KEYS; i++) {
            weights[i] = random.nextBoolean() ? 1 : 1 + random.nextInt(8);
        }
    }

    AdmissionPolicy policy() {
        return policy;
    }

    void play(int steps) {
        for (int i = 0; i < steps; i++) {
            nowNanos += random.nextInt(100);
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3, 4, 5 -> arrive(random.nextInt(MOST_KEYS));
                case 6 -> flood();
                case 7, 8 -> leave();
                case 9 -> expire();
                default -> release();
            }
        }
    }

    void drain() {
        while (!holding.isEmpty()) {
            release();
        }
        assertThat(waiting).isEmpty();
    }

    private void flood() {
        int key = random.nextInt(MOST_KEYS);
        for (int i = random.nextInt(FLOOD); i > 0; i--) {
            arrive(key);
        }
    }

    private void arrive(int key) {
        long deadline = random.nextInt(3) == 0 ? nowNanos + random.nextInt(3_000) - 50 : Ticket.NO_DEADLINE;
        String model = "m" + random.nextInt(MOST_MODELS);
        var ticket = new AdmissionFixture.Named("t", "k" + key, weights[key], model, deadline);
        dropLate();
        boolean free = canStart(ticket);
        int before = waiting.size();
        long ofKey = waiting.keySet().stream()
                .filter(other -> other.key.equals(ticket.key))
                .count();
        switch (policy.arrive(ticket, 0, nowNanos)) {
            case Verdict.Admitted _ -> {
                assertThat(free).isTrue();
                served(ticket);
                holding.add(ticket);
            }
            case Verdict.Queued queued -> {
                assertThat(free).isFalse();
                assertThat(ofKey).isLessThan(settings.queuePerKey());
                waiting.put(ticket, new Wait());
                assertThat(queued.position()).isBetween(1, waiting.size());
                assertThat(queued.estimate()).isGreaterThanOrEqualTo(java.time.Duration.ZERO);
            }
            case Verdict.Rejected rejected -> {
                switch (rejected.reason()) {
                    case EXPIRED -> assertThat(ticket.isPast(nowNanos)).isTrue();
                    case QUEUE_FULL -> assertThat(before).isEqualTo(settings.queue());
                    case KEY_QUEUE_FULL -> assertThat(ofKey).isEqualTo(settings.queuePerKey());
                    case SHED, OVERLOADED -> throw new AssertionError("no pressure here");
                }
                assertThat(rejected.retryAfter()).isPositive();
                end(ticket, "rejected");
            }
        }
        settle();
    }

    private void leave() {
        if (waiting.isEmpty()) {
            return;
        }
        var all = new ArrayList<>(waiting.keySet());
        Ticket ticket = all.get(random.nextInt(all.size()));
        assertThat(policy.leave(ticket, nowNanos)).isTrue();
        waiting.remove(ticket);
        end(ticket, "left");
        settle();
    }

    private void release() {
        if (holding.isEmpty()) {
            return;
        }
        Ticket ticket = holding.remove(random.nextInt(holding.size()));
        end(ticket, "served");
        policy.release(ticket, nowNanos);
        settle();
    }

    private void expire() {
        policy.expire(nowNanos);
        settle();
    }

    private void dropLate() {
        policy.expire(nowNanos);
        settle();
    }

    private void end(Ticket ticket, String how) {
        assertThat(ends.put(ticket, how)).isNull();
    }

    /// Takes the notices and looks at every law.
    private void settle() {
        for (Notice notice : policy.takeNotices()) {
            Ticket ticket = notice.ticket();
            switch (notice) {
                case Notice.Admitted _ -> {
                    assertThat(canStart(ticket)).isTrue();
                    assertFirstOfItsLane(ticket);
                    served(ticket);
                    holding.add(ticket);
                }
                case Notice.Expired _ -> {
                    assertThat(ticket.isPast(nowNanos)).isTrue();
                    end(ticket, "expired");
                }
            }
            assertThat(waiting.remove(ticket)).isNotNull();
        }
        policy.checkInvariants();
        expect(policy.inFlight() == holding.size() && holding.size() <= places, "places");
        expect(policy.waiting() == waiting.size() && waiting.size() <= settings.queue(), "queue");
        for (Ticket ticket : waiting.keySet()) {
            expect(!ticket.isPast(nowNanos), "late and still there");
            expect(!canStart(ticket), "could be served and waits");
        }
    }

    /// Not AssertJ: these are most of what the simulation does.
    private static void expect(boolean lawful, String what) {
        if (!lawful) {
            throw new AssertionError(what);
        }
    }

    private boolean canStart(Ticket ticket) {
        if (holding.size() >= places) {
            return false;
        }
        int ofKey = 0;
        int ofModel = 0;
        for (Ticket other : holding) {
            ofKey += other.key.equals(ticket.key) ? 1 : 0;
            ofModel += other.model.equals(ticket.model) ? 1 : 0;
        }
        return (settings.perKey() == 0 || ofKey < settings.perKey())
                && (settings.perModel() == 0 || ofModel < settings.perModel());
    }

    private void assertFirstOfItsLane(Ticket ticket) {
        Ticket first = waiting.keySet().stream()
                .filter(other -> other.key.equals(ticket.key) && other.model.equals(ticket.model))
                .findFirst()
                .orElse(null);
        assertThat(Objects.requireNonNull(first)).isSameAs(ticket);
    }

    /// Counts for everybody who is first of its key and could have been served instead.
    private void served(Ticket served) {
        Map<String, Integer> keys = new LinkedHashMap<>();
        waiting.keySet().forEach(ticket -> keys.put(ticket.key, ticket.weight));
        long weight = keys.values().stream().mapToInt(Integer::intValue).sum();
        var seen = new java.util.HashSet<String>();
        for (Map.Entry<Ticket, Wait> entry : waiting.entrySet()) {
            Ticket ticket = entry.getKey();
            if (!seen.add(ticket.key)) {
                continue;
            }
            Wait wait = entry.getValue();
            wait.mostWeight = Math.max(wait.mostWeight, weight);
            wait.mostKeys = Math.max(wait.mostKeys, keys.size());
            if (canStart(ticket) && !ticket.key.equals(served.key)) {
                wait.othersServed++;
                double bound = wait.mostWeight * (1 + 2.0 / ticket.weight) + 2 * wait.mostKeys;
                expect(wait.othersServed <= bound, "starves: " + wait.othersServed + " of " + bound);
            }
        }
    }
}
