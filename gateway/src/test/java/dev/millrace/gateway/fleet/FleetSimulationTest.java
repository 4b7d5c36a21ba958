package dev.millrace.gateway.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fleet.EndpointStatus.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Hundreds of random histories of a fleet against its laws. A failure prints its seed; replay it alone with
/// `-Dmillrace.simulation.seed=SEED`.
class FleetSimulationTest {
    private static final int HISTORIES = Integer.getInteger("millrace.simulation.histories", 600);
    private static final int STEPS = 250;
    private static final List<Policy> POLICIES = List.of(Policy.values());
    private static final List<Outcome> OUTCOMES = List.of(Outcome.values());

    @Test
    void everyHistoryKeepsTheLawsAndEndsWithNothingInFlight() {
        Long only = Long.getLong("millrace.simulation.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? HISTORIES : only;
        Map<String, Long> reached = new HashMap<>();
        for (long seed = first; seed <= last; seed++) {
            try {
                History history = new History(seed);
                history.run();
                history.reached.forEach((what, times) -> reached.merge(what, times, Long::sum));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " (replay: -Dmillrace.simulation.seed=" + seed + ")", e);
            }
        }
        if (only == null) {
            // The histories must reach the rare paths, or they prove nothing about them.
            assertThat(reached.keySet())
                    .contains("Send", "Unknown", "Unavailable", "Exhausted", "trial", "retrial", "ejected", "revived");
            assertThat(reached.values()).allMatch(times -> times > HISTORIES / 10);
        }
    }

    /// One history, and what it knows itself of the fleet: who offers what, who is busy, which trials run.
    private static final class History {
        final Map<String, Long> reached = new HashMap<>();

        private final SplittableRandom random;
        private final FleetSettings settings;
        private final Fleet fleet;
        private final List<EndpointId> all = new ArrayList<>();
        private final Map<EndpointId, Integer> present = new LinkedHashMap<>();
        private final Map<EndpointId, Map<String, String>> offered = new HashMap<>();
        private final Map<EndpointId, Long> busyUntil = new HashMap<>();
        private final Map<EndpointId, Attempt> trials = new HashMap<>();
        private final List<Attempt> underWay = new ArrayList<>();
        private final Set<EndpointId> failing = new HashSet<>();
        private long nowNanos;

        History(long seed) {
            random = new SplittableRandom(seed);
            nowNanos = random.nextLong();
            settings = new FleetSettings(
                    POLICIES.get(random.nextInt(POLICIES.size())),
                    random.nextInt(4),
                    new HealthSettings(
                            random.nextInt(1, 5),
                            Duration.ofSeconds(1).toNanos(),
                            Duration.ofSeconds(random.nextInt(1, 20)).toNanos(),
                            random.nextInt(0, 101),
                            Duration.ofSeconds(random.nextInt(0, 5)).toNanos(),
                            random.nextInt(1, 4),
                            random.nextInt(1, 4)),
                    new PrefixSettings(
                            random.nextInt(1, 50), Duration.ofSeconds(20).toNanos(), random.nextInt(0, 5)));
            fleet = new Fleet(settings, new SplittableRandom(seed));
            int endpoints = random.nextInt(1, 7);
            for (int i = 0; i < endpoints; i++) {
                all.add(new EndpointId(i % 2 == 0 ? "even" : "odd", "e" + i));
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                step();
                check();
            }
            while (!underWay.isEmpty()) {
                end(random.nextInt(underWay.size()));
                check();
            }
            assertThat(fleet.statuses(nowNanos)).allMatch(status -> status.inFlight() == 0);
            assertThat(fleet.statuses(nowNanos))
                    .extracting(EndpointStatus::endpoint)
                    .containsExactlyInAnyOrderElementsOf(present.keySet());
        }

        private void step() {
            nowNanos += random.nextLong(Duration.ofMillis(600).toNanos());
            switch (random.nextInt(16)) {
                case 0 -> members();
                case 1, 2 -> offer();
                case 3 -> busy();
                case 4, 5 -> probe();
                case 6 -> notHeld();
                case 7 -> turn();
                case 8, 9, 10, 11 -> request();
                default -> {
                    if (!underWay.isEmpty()) {
                        end(random.nextInt(underWay.size()));
                    }
                }
            }
        }

        private EndpointId any() {
            return all.get(random.nextInt(all.size()));
        }

        private String anyModel() {
            return "m" + random.nextInt(4);
        }

        // --- What happens

        private void members() {
            String upstream = random.nextBoolean() ? "even" : "odd";
            Set<EndpointId> draining = underWay.stream().map(Attempt::endpoint).collect(Collectors.toSet());
            Map<EndpointId, Integer> weights = new LinkedHashMap<>();
            for (EndpointId id : all) {
                if (id.upstream().equals(upstream) && random.nextInt(4) > 0) {
                    weights.put(id, random.nextInt(1, 4));
                    if (!present.containsKey(id) && draining.contains(id)) {
                        reach("revived");
                    }
                }
            }
            fleet.endpoints(upstream, weights, nowNanos);
            present.keySet().removeIf(id -> id.upstream().equals(upstream));
            present.putAll(weights);
            offered.keySet().retainAll(present.keySet());
            busyUntil.keySet().removeIf(id -> !present.containsKey(id) && !draining.contains(id));
        }

        private void offer() {
            EndpointId id = any();
            Map<String, String> models = new HashMap<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                models.put(anyModel(), "u" + random.nextInt(9));
            }
            fleet.offers(id, models, nowNanos);
            if (present.containsKey(id)) {
                offered.put(id, models);
            }
        }

        private void busy() {
            EndpointId id = any();
            long nanos = random.nextLong(Duration.ofSeconds(3).toNanos());
            fleet.busyFor(id, nanos, nowNanos);
            if (present.containsKey(id)) {
                long until = nowNanos + nanos;
                busyUntil.merge(id, until, (a, b) -> b - a > 0 ? b : a);
            }
        }

        private void probe() {
            EndpointId id = any();
            boolean well = failing.contains(id) ? random.nextInt(4) == 0 : random.nextInt(4) > 0;
            boolean wasOut = isOut(id);
            boolean hadOther = hasOtherThan(id);
            fleet.probed(id, well, nowNanos);
            if (isOut(id) && !wasOut) {
                assertThat(well).as("a good probe took %s out", id).isFalse();
                assertThat(hadOther)
                        .as("the last endpoint was taken out: %s", id)
                        .isTrue();
            }
            if (present.containsKey(id) && !isOut(id)) {
                trials.remove(id);
            }
        }

        private void notHeld() {
            EndpointId id = any();
            String model = anyModel();
            fleet.notHeld(id, model);
            offered.getOrDefault(id, new HashMap<>()).remove(model);
        }

        /// An endpoint begins or ceases to fail.
        private void turn() {
            EndpointId id = any();
            if (!failing.remove(id)) {
                failing.add(id);
            }
        }

        private void request() {
            String session = random.nextBoolean() ? "s" + random.nextInt(9) : null;
            long[] prefix = new long[random.nextInt(5)];
            for (int i = 0; i < prefix.length; i++) {
                prefix[i] = random.nextInt(i + 2);
            }
            Set<EndpointId> tried = new HashSet<>();
            String model = anyModel();
            int attempts = random.nextInt(1, 4);
            for (int i = 0; i < attempts; i++) {
                Ask ask = new Ask(model, session, prefix, Set.copyOf(tried));
                boolean can = fleet.canSend(ask, nowNanos);
                Choice choice = fleet.choose(ask, nowNanos);
                assertThat(choice instanceof Choice.Send).isEqualTo(can);
                reach(choice.getClass().getSimpleName());
                if (!(choice instanceof Choice.Send(Attempt attempt))) {
                    checkRefusal(ask, choice);
                    return;
                }
                checkSend(ask, attempt);
                underWay.add(attempt);
                tried.add(attempt.endpoint());
            }
        }

        private void end(int index) {
            Attempt attempt = underWay.remove(index);
            EndpointId id = attempt.endpoint();
            if (random.nextInt(4) == 0) {
                fleet.answering(attempt, nowNanos);
                trials.remove(id, attempt);
            }
            Outcome outcome = failing.contains(id) && random.nextInt(5) > 0
                    ? Outcome.FAILED
                    : OUTCOMES.get(random.nextInt(OUTCOMES.size()));
            boolean wasOut = isOut(id);
            boolean cap = mayEjectOne(id);
            fleet.ended(attempt, outcome, nowNanos);
            if (outcome == Outcome.WRONG_MODEL && present.containsKey(id)) {
                offered.getOrDefault(id, new HashMap<>()).remove(attempt.model);
            }
            trials.remove(id, attempt);
            if (isOut(id) && !wasOut) {
                reach("ejected");
                assertThat(outcome).as("what ejected %s", id).isEqualTo(Outcome.FAILED);
                assertThat(cap).as("%s was ejected above the share", id).isTrue();
            }
        }

        // --- The laws

        private void checkSend(Ask ask, Attempt attempt) {
            EndpointId id = attempt.endpoint();
            assertThat(ask.tried()).as("tried before").doesNotContain(id);
            assertThat(present).as("still configured").containsKey(id);
            assertThat(offered.getOrDefault(id, Map.of()))
                    .as("offers of %s", id)
                    .containsEntry(ask.model(), attempt.upstreamModel());
            assertThat(isBusy(id)).as("busy: %s", id).isFalse();
            State state = status(id).state();
            if (attempt.trial()) {
                assertThat(state).isEqualTo(State.TRIAL);
                assertThat(trials.put(id, attempt))
                        .as("trial that runs at %s", id)
                        .isNull();
                reach(ask.tried().isEmpty() ? "trial" : "retrial");
            } else {
                assertThat(state).isIn(State.WELL, State.WARMING);
            }
        }

        private void checkRefusal(Ask ask, Choice choice) {
            List<EndpointStatus> offering = fleet.statuses(nowNanos).stream()
                    .filter(status -> status.models().contains(ask.model()))
                    .toList();
            boolean tried = offering.stream().anyMatch(s -> ask.tried().contains(s.endpoint()));
            assertThat(choice instanceof Choice.Unknown).isEqualTo(offering.isEmpty());
            assertThat(choice instanceof Choice.Exhausted).isEqualTo(tried);
            if (choice instanceof Choice.Unavailable(long retryAfterNanos)) {
                assertThat(retryAfterNanos).isPositive();
            }
            for (EndpointStatus status : offering) {
                boolean could = switch (status.state()) {
                    case WELL, WARMING -> true;
                    case TRIAL -> !trials.containsKey(status.endpoint()) && !isBusy(status.endpoint());
                    case NEW, EJECTED, BUSY, GONE -> false;
                };
                assertThat(could && !ask.tried().contains(status.endpoint()))
                        .as("%s could have taken it", status)
                        .isFalse();
            }
        }

        private void check() {
            fleet.checkInvariants();
            Map<EndpointId, Long> inFlight =
                    underWay.stream().collect(Collectors.groupingBy(Attempt::endpoint, Collectors.counting()));
            for (EndpointStatus status : fleet.statuses(nowNanos)) {
                EndpointId id = status.endpoint();
                assertThat((long) status.inFlight()).isEqualTo(inFlight.getOrDefault(id, 0L));
                assertThat(status.state() == State.GONE).isEqualTo(!present.containsKey(id));
                assertThat(status.models())
                        .isEqualTo(offered.getOrDefault(id, Map.of()).keySet());
            }
            assertThat(fleet.models())
                    .isEqualTo(offered.values().stream()
                            .flatMap(models -> models.keySet().stream())
                            .collect(Collectors.toSet()));
            assertThat(fleet.offersAnything()).isEqualTo(!fleet.models().isEmpty());
        }

        // --- What is known

        private void reach(String what) {
            reached.merge(what, 1L, Long::sum);
        }

        private EndpointStatus status(EndpointId id) {
            return fleet.statuses(nowNanos).stream()
                    .filter(status -> status.endpoint().equals(id))
                    .findFirst()
                    .orElseThrow();
        }

        private boolean isBusy(EndpointId id) {
            Long until = busyUntil.get(id);
            return until != null && nowNanos - until < 0;
        }

        private boolean isOut(EndpointId id) {
            return fleet.statuses(nowNanos).stream()
                    .anyMatch(s -> s.endpoint().equals(id) && (s.state() == State.EJECTED || s.state() == State.TRIAL));
        }

        private boolean hasOtherThan(EndpointId id) {
            Set<String> models = offered.getOrDefault(id, Map.of()).keySet();
            return present.keySet().stream()
                    .filter(other -> !other.equals(id) && !isOut(other))
                    .anyMatch(other -> offered.getOrDefault(other, Map.of()).keySet().stream()
                            .anyMatch(models::contains));
        }

        private boolean mayEjectOne(EndpointId id) {
            int percent = settings.health().mostEjectedPercent();
            return percent > 0
                    && offered.getOrDefault(id, Map.of()).keySet().stream().allMatch(model -> {
                        List<EndpointId> offering = present.keySet().stream()
                                .filter(other ->
                                        offered.getOrDefault(other, Map.of()).containsKey(model))
                                .toList();
                        long out = offering.stream().filter(this::isOut).count();
                        return out + 1 <= Math.max(1, offering.size() * percent / 100);
                    });
        }
    }
}
