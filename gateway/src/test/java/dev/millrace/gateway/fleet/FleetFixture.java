package dev.millrace.gateway.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A fleet with one upstream whose endpoints go by short names, and a clock that is stepped.
final class FleetFixture {
    static final String MODEL = "m";
    static final Duration SECOND = Duration.ofSeconds(1);
    static final Duration SLOW_START = Duration.ofSeconds(10);

    /// Longer than the first ejection with its jitter, and not much.
    static final Duration FIRST_EJECTION = Duration.ofMillis(1_101);

    private static final String UPSTREAM = "pool";
    private static final long[] NOTHING = {};

    final Fleet fleet;

    // The sign of the clock changes soon after the slow start: only differences of times mean anything.
    long nowNanos = Long.MAX_VALUE - SLOW_START.plusMillis(500).toNanos();

    private final Map<EndpointId, Integer> weights = new LinkedHashMap<>();

    private FleetFixture(FleetSettings settings) {
        fleet = new Fleet(settings, new SplittableRandom(7));
    }

    static FleetFixture with(FleetSettings settings) {
        return new FleetFixture(settings);
    }

    /// Endpoints of weight 1 that offer [#MODEL] and have warmed up.
    static FleetFixture of(Policy policy, String... names) {
        return with(settings(policy, 0)).warm(names);
    }

    static FleetFixture leastLoad(String... names) {
        return of(Policy.LEAST_LOAD, names);
    }

    static FleetSettings settings(Policy policy, int replicas) {
        return new FleetSettings(policy, replicas, HealthSettings.usual(), PrefixSettings.usual());
    }

    static String[] names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "e" + i).toArray(String[]::new);
    }

    static EndpointId id(String name) {
        return new EndpointId(UPSTREAM, name);
    }

    static Set<EndpointId> ids(String... names) {
        return Arrays.stream(names).map(FleetFixture::id).collect(Collectors.toSet());
    }

    static Ask ask(String model, String... tried) {
        return new Ask(model, null, NOTHING, ids(tried));
    }

    static Ask ofSession(String session, String... tried) {
        return new Ask(MODEL, session, NOTHING, ids(tried));
    }

    static Ask ofPrompt(long... prefix) {
        return new Ask(MODEL, null, prefix, Set.of());
    }

    // --- Arranging

    FleetFixture warm(String... names) {
        join(names);
        for (String name : names) {
            offer(name, MODEL);
        }
        pass(SLOW_START);
        return this;
    }

    void join(String... names) {
        for (String name : names) {
            weights.put(id(name), 1);
        }
        fleet.endpoints(UPSTREAM, weights, nowNanos);
    }

    void weigh(String name, int weight) {
        weights.put(id(name), weight);
        fleet.endpoints(UPSTREAM, weights, nowNanos);
    }

    void leave(String name) {
        weights.remove(id(name));
        fleet.endpoints(UPSTREAM, weights, nowNanos);
    }

    void offer(String name, String... models) {
        fleet.offers(
                id(name),
                Arrays.stream(models).collect(Collectors.toMap(Function.identity(), model -> model + "@" + name)),
                nowNanos);
    }

    void pass(Duration time) {
        nowNanos += time.toNanos();
        fleet.checkInvariants();
    }

    // --- Acting

    Choice choose(Ask ask) {
        Choice choice = fleet.choose(ask, nowNanos);
        fleet.checkInvariants();
        return choice;
    }

    Attempt send(Ask ask) {
        Choice choice = choose(ask);
        assertThat(choice).isInstanceOf(Choice.Send.class);
        return ((Choice.Send) choice).attempt();
    }

    Attempt send() {
        return send(ask(MODEL));
    }

    /// Where a request goes that ends at once.
    String placeOf(Ask ask) {
        Attempt attempt = send(ask);
        end(attempt, Outcome.UNDECIDED);
        return attempt.endpoint().address();
    }

    /// The same without a check of all accounts, which takes long with many models.
    String quickPlaceOf(Ask ask) {
        Attempt attempt = ((Choice.Send) fleet.choose(ask, nowNanos)).attempt();
        fleet.ended(attempt, Outcome.UNDECIDED, nowNanos);
        return attempt.endpoint().address();
    }

    /// An attempt at this endpoint: the request has tried all others.
    Attempt sendTo(String name) {
        return sendTo(name, MODEL);
    }

    Attempt sendTo(String name, String model) {
        Set<EndpointId> others = new HashSet<>(weights.keySet());
        others.remove(id(name));
        return send(new Ask(model, null, NOTHING, others));
    }

    void end(Attempt attempt, Outcome outcome) {
        fleet.ended(attempt, outcome, nowNanos);
        fleet.checkInvariants();
    }

    void answer(String name) {
        end(sendTo(name), Outcome.ANSWERED);
    }

    void fail(String name, int times) {
        for (int i = 0; i < times; i++) {
            end(sendTo(name), Outcome.FAILED);
        }
    }

    /// Fails until it is ejected, or far longer than it takes.
    void keepFailing(String name) {
        for (int i = 0; i < 20 && state(name) != EndpointStatus.State.EJECTED; i++) {
            fail(name, 1);
        }
    }

    /// Lets the usual number of failures eject an endpoint.
    void eject(String name) {
        fail(name, HealthSettings.usual().failuresToEject());
        assertThat(state(name)).isEqualTo(EndpointStatus.State.EJECTED);
    }

    void probe(String name, boolean well, int times) {
        for (int i = 0; i < times; i++) {
            fleet.probed(id(name), well, nowNanos);
            fleet.checkInvariants();
        }
    }

    /// How many of so many requests, each ended at once, go to each endpoint.
    Map<String, Integer> spread(Ask ask, int requests) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (int i = 0; i < requests; i++) {
            counts.merge(placeOf(ask), 1, Integer::sum);
        }
        return counts;
    }

    // --- Seeing

    EndpointStatus status(String name) {
        return fleet.statuses(nowNanos).stream()
                .filter(status -> status.endpoint().equals(id(name)))
                .findFirst()
                .orElseThrow();
    }

    EndpointStatus.State state(String name) {
        return status(name).state();
    }

    /// How long requests are told to wait.
    Duration wait(Ask ask) {
        Choice choice = choose(ask);
        assertThat(choice).isInstanceOf(Choice.Unavailable.class);
        return Duration.ofNanos(((Choice.Unavailable) choice).retryAfterNanos());
    }
}
