package dev.millrace.server.fleet;

import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.fleet.EndpointId;
import dev.millrace.gateway.fleet.EndpointStatus;
import dev.millrace.gateway.fleet.FleetSettings;
import dev.millrace.gateway.fleet.Policy;
import dev.millrace.gateway.retry.RetryBudget;
import dev.millrace.gateway.retry.RetrySettings;
import dev.millrace.server.config.GatewayConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// All upstreams of a server and what is known of them. *Thread-safe.*
public final class Upstreams {
    private static final double PERCENT = 100;
    private static final int RESERVE = 10;
    private static final int MOST_NAMES = 10_000;

    private final GatewayConfig config;
    private final SharedFleet fleet;
    private final Map<EndpointId, Target> targets = new ConcurrentHashMap<>();
    private final List<Consumer<String>> modelListeners = new CopyOnWriteArrayList<>();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Set<String> everOffered = ConcurrentHashMap.newKeySet();
    private final ModelOrigins origins = new ModelOrigins(MOST_NAMES);

    /// @param random used by this only
    public Upstreams(GatewayConfig config, RandomGenerator random, NanoClock clock) {
        this.config = config;
        FleetSettings usual = FleetSettings.usual();
        RetrySettings retries = RetrySettings.usual();
        fleet = new SharedFleet(
                new FleetSettings(policy(config.policy()), config.replicas(), usual.health(), usual.prefix()),
                new RetrySettings(
                        config.attempts(),
                        retries.backoffFirstNanos(),
                        retries.backoffMostNanos(),
                        retries.mostRetryAfterNanos()),
                new RetryBudget(config.retryBudget() / PERCENT, RESERVE),
                random,
                clock);
    }

    private static Policy policy(GatewayConfig.Policy policy) {
        return switch (policy) {
            case LEAST_LOAD -> Policy.LEAST_LOAD;
            case ROUND_ROBIN -> Policy.ROUND_ROBIN;
            case SESSION -> Policy.SESSION;
            case PREFIX -> Policy.PREFIX;
        };
    }

    /// How they are to be used.
    public GatewayConfig config() {
        return config;
    }

    /// True if there are any.
    public boolean areConfigured() {
        return !config.upstreams().isEmpty();
    }

    /// Who answers what.
    public SharedFleet fleet() {
        return fleet;
    }

    /// Where an endpoint is; `null` if it has gone meanwhile.
    public @Nullable Target target(EndpointId endpoint) {
        return targets.get(endpoint);
    }

    /// True if a request could be answered: somebody offers something and is well.
    public boolean areReady() {
        return fleet.statuses().stream().anyMatch(Upstreams::isUsable);
    }

    private static boolean isUsable(EndpointStatus endpoint) {
        return switch (endpoint.state()) {
            case WELL, WARMING, BUSY, TRIAL -> !endpoint.models().isEmpty();
            case NEW, EJECTED, GONE -> false;
        };
    }

    /// True if each upstream was looked at once: before that, a name that nobody knows may still come.
    public boolean areAllSeen() {
        return seen.size() == config.upstreams().size();
    }

    void seen(String upstream) {
        seen.add(upstream);
    }

    /// True if somebody offers this name, or did: the names that logs and metrics may show.
    public boolean knows(String model) {
        return everOffered.contains(model);
    }

    /// Tells `listener` of each public name when it is offered for the first time; to be called before the watch
    /// begins.
    public void onModel(Consumer<String> listener) {
        modelListeners.add(listener);
    }

    /// All endpoints that can be sent to.
    public List<Target> targets() {
        return List.copyOf(targets.values());
    }

    void add(Target target) {
        targets.put(target.id(), target);
    }

    void remove(EndpointId endpoint) {
        Target gone = targets.remove(endpoint);
        if (gone != null) {
            gone.pool().retire();
        }
    }

    /// Who offers a model, or did, and what they call it, in one line: another line is perhaps another model.
    public String origin(String model) {
        return origins.of(model);
    }

    void offers(Target target, Map<String, String> models) {
        origins.note(target.id().upstream(), models);
        for (String model : models.keySet()) {
            if (everOffered.size() < MOST_NAMES && everOffered.add(model)) {
                modelListeners.forEach(listener -> listener.accept(model));
            }
        }
        fleet.offers(target.id(), models);
    }
}
