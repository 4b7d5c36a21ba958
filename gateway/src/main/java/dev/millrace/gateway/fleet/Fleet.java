package dev.millrace.gateway.fleet;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// All endpoints of all upstreams: who offers what, who is well, and which one takes the next request. Pure: time is
/// passed in, chance comes from the constructor. What is said of endpoints that are not configured is ignored.
/// *Confined to its owner*, who calls it under one lock: a choice takes about a microsecond.
///
/// ```java
/// switch (fleet.choose(new Ask("qwen3", null, new long[0], Set.of()), now)) {
///     case Choice.Send(Attempt attempt) -> send(attempt); // then fleet.ended(attempt, outcome, now), once
///     case Choice.Unknown _ -> refuse(404);
///     case Choice.Unavailable(long retryAfterNanos) -> refuse(503);
///     case Choice.Exhausted _ -> refuse(502);
/// }
/// ```
///
/// ## The rules
/// - A request goes to an endpoint that offers its model, that it has not tried, and that is neither ejected nor busy.
/// - An endpoint whose ejection is over takes one request, the trial, before any other is considered; a request that
///   failed elsewhere is the trial only if nobody else can take it.
/// - With replicas, each model has its few endpoints by rendezvous hashing ([Candidates]).
/// - Of several, the policy chooses ([Selection]).
/// - Failures eject an endpoint while no model that it offers has too many ejected; failed probes do while another
///   endpoint offers one of its models ([Health]). There is no panic mode: when all are out, nobody is asked until the
///   first of them is to be tried again.
/// - What an endpoint offers is as large as its owner lets it be; all else is bounded by it or by the settings.
public final class Fleet {
    private static final Choice UNKNOWN = new Choice.Unknown();
    private static final Choice EXHAUSTED = new Choice.Exhausted();

    private final FleetSettings settings;
    private final RandomGenerator random;
    private final Map<EndpointId, Endpoint> endpoints = new LinkedHashMap<>();
    private final Offerings offerings = new Offerings();
    private final Candidates candidates = new Candidates();
    private final Selection selection;
    private int underWay;

    /// An empty fleet.
    public Fleet(FleetSettings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
        this.selection = new Selection(settings, random);
    }

    // --- Who is there

    /// Replaces the endpoints of one upstream, as its configuration or DNS says now. Those that stay keep their state;
    /// those that went take no new requests, and attempts under way there may still end. One that comes back before
    /// they have ended has its state again, so that an ejection is not forgotten over a hole in DNS.
    ///
    /// @param weights each at least 1
    public void endpoints(String upstream, Map<EndpointId, Integer> weights, long nowNanos) {
        weights.forEach((id, weight) -> {
            if (!id.upstream().equals(upstream)) {
                throw new IllegalArgumentException("endpoint: " + id + " (expected: of " + upstream + ")");
            }
            Expect.within("weight of " + id, weight, 1, Integer.MAX_VALUE);
        });
        for (Endpoint endpoint : List.copyOf(endpoints.values())) {
            if (endpoint.id.upstream().equals(upstream) && !weights.containsKey(endpoint.id)) {
                leave(endpoint);
            }
        }
        weights.forEach(this::join);
    }

    private void leave(Endpoint endpoint) {
        offerings.replace(endpoint, Map.of());
        endpoint.gone = true;
        forgetIfDone(endpoint);
    }

    private void join(EndpointId id, int weight) {
        Endpoint endpoint = endpoints.get(id);
        if (endpoint == null) {
            endpoints.put(id, new Endpoint(id, weight, new Health(settings.health(), random)));
            return;
        }
        endpoint.gone = false;
        if (endpoint.weight != weight) {
            endpoint.weight = weight;
            offerings.weigh(endpoint);
        }
    }

    private void forgetIfDone(Endpoint endpoint) {
        if (endpoint.gone && endpoint.inFlight == 0) {
            endpoints.remove(endpoint.id);
        }
    }

    /// `null` for an endpoint that is not, or no longer, configured: what is heard of it came late and is ignored.
    private @Nullable Endpoint configured(EndpointId id) {
        Endpoint endpoint = endpoints.get(id);
        return endpoint == null || endpoint.gone ? null : endpoint;
    }

    /// What an endpoint offers: public name to its own name for it. Replaces what it offered before.
    public void offers(EndpointId endpoint, Map<String, String> models, long nowNanos) {
        Endpoint known = configured(endpoint);
        if (known == null) {
            return;
        }
        if (known.offers.isEmpty() && !models.isEmpty()) {
            known.health.warmUp(nowNanos);
        }
        offerings.replace(known, models);
    }

    /// This endpoint turned out not to hold that model (public name): it is not asked for it again until [#offers] says
    /// so anew. [Outcome#WRONG_MODEL] does the same.
    public void notHeld(EndpointId endpoint, String model) {
        Endpoint known = configured(endpoint);
        if (known != null) {
            offerings.withdraw(known, model);
        }
    }

    // --- Requests

    /// Decides where a request goes.
    public Choice choose(Ask ask, long nowNanos) {
        Route route = offerings.route(ask.model());
        if (route == null) {
            return UNKNOWN;
        }
        candidates.collect(route, ask.tried(), settings.replicas(), nowNanos);
        if (candidates.isEmpty()) {
            return candidates.tried() ? EXHAUSTED : new Choice.Unavailable(route.waitNanos(nowNanos));
        }
        Offer trial = candidates.trial(ask.tried().isEmpty());
        Offer chosen = trial == null ? selection.select(candidates.offers, ask, nowNanos) : trial;
        return new Choice.Send(send(chosen, trial != null, ask, nowNanos));
    }

    /// True if [#choose] would send the request somewhere. Changes nothing.
    public boolean canSend(Ask ask, long nowNanos) {
        Route route = offerings.route(ask.model());
        if (route == null) {
            return false;
        }
        candidates.collect(route, ask.tried(), settings.replicas(), nowNanos);
        return !candidates.isEmpty();
    }

    private Attempt send(Offer offer, boolean trial, Ask ask, long nowNanos) {
        Endpoint endpoint = offer.endpoint;
        Attempt attempt = new Attempt(endpoint, offer.route.model, offer.upstreamModel, trial);
        endpoint.inFlight++;
        endpoint.attempts++;
        underWay++;
        if (trial) {
            endpoint.health.tryWith(attempt);
        }
        selection.sent(offer, ask, nowNanos);
        return attempt;
    }

    /// The endpoint has begun to answer as it should. Need not be called; a trial succeeds with it, so that an endpoint
    /// is back at the first token and not after a whole long answer.
    public void answering(Attempt attempt, long nowNanos) {
        attempt.target.health.answering(attempt, nowNanos);
    }

    /// The attempt is over. To be called exactly once for each [Choice.Send].
    public void ended(Attempt attempt, Outcome outcome, long nowNanos) {
        attempt.end();
        Endpoint endpoint = attempt.target;
        endpoint.inFlight--;
        underWay--;
        switch (outcome) {
            case ANSWERED -> endpoint.health.answered(attempt, nowNanos);
            case FAILED -> failed(endpoint, attempt, nowNanos);
            case WRONG_MODEL -> {
                endpoint.health.undecided(attempt);
                offerings.withdraw(endpoint, attempt.model);
            }
            case BUSY -> {
                endpoint.health.undecided(attempt);
                endpoint.health.refused(nowNanos);
            }
            case UNDECIDED -> endpoint.health.undecided(attempt);
        }
        forgetIfDone(endpoint);
    }

    private void failed(Endpoint endpoint, Attempt attempt, long nowNanos) {
        endpoint.failures++;
        if (endpoint.health.failed(attempt, nowNanos)
                && offerings.mayEject(endpoint, settings.health().mostEjectedPercent())) {
            endpoint.health.ejectForFailures(nowNanos);
        }
    }

    // --- What else is heard of endpoints

    /// The endpoint asked to be left alone for that long, which is no failure. At most an hour counts; of several such
    /// wishes, the one that ends last.
    public void busyFor(EndpointId endpoint, long nanos, long nowNanos) {
        Endpoint known = configured(endpoint);
        if (known != null) {
            known.health.busyFor(nanos, nowNanos);
        }
    }

    /// An active probe's result.
    public void probed(EndpointId endpoint, boolean well, long nowNanos) {
        Endpoint known = configured(endpoint);
        if (known == null) {
            return;
        }
        if (well) {
            known.health.probedWell(nowNanos);
        } else if (known.health.probedBadly(nowNanos) && offerings.hasOtherThan(known)) {
            known.health.ejectByProbes(nowNanos);
        }
    }

    // --- What others may see

    /// All public names that anybody offers, sorted.
    public Set<String> models() {
        return offerings.names();
    }

    /// True if anybody offers anything.
    public boolean offersAnything() {
        return !offerings.isEmpty();
    }

    /// All endpoints, the longest known first; those that are gone until the last request under way there has ended.
    public List<EndpointStatus> statuses(long nowNanos) {
        return endpoints.values().stream()
                .map(endpoint -> endpoint.status(nowNanos))
                .toList();
    }

    /// Throws if the accounts do not add up.
    public void checkInvariants() {
        endpoints.values().forEach(Endpoint::checkInvariants);
        offerings.checkInvariants(Collections.unmodifiableCollection(endpoints.values()));
        selection.checkInvariants();
        int inFlight = endpoints.values().stream().mapToInt(e -> e.inFlight).sum();
        Expect.holds(inFlight == underWay, "requests in flight at all endpoints", inFlight, underWay);
    }
}
