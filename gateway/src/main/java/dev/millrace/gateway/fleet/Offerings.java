package dev.millrace.gateway.fleet;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Who offers which model. Rankings change only with the offers, so that a choice only reads them; offers that stay
/// keep their turn. *Confined to its owner.*
final class Offerings {
    private final Map<String, Route> routes = new HashMap<>();

    @Nullable
    Route route(String model) {
        return routes.get(model);
    }

    boolean isEmpty() {
        return routes.isEmpty();
    }

    Set<String> names() {
        return Collections.unmodifiableSet(new TreeSet<>(routes.keySet()));
    }

    void replace(Endpoint endpoint, Map<String, String> models) {
        for (String model : List.copyOf(endpoint.offers.keySet())) {
            if (!models.containsKey(model)) {
                withdraw(endpoint, model);
            }
        }
        models.forEach((model, upstreamModel) -> {
            Offer known = endpoint.offers.get(model);
            if (known == null) {
                Route route = routes.computeIfAbsent(model, Route::new);
                endpoint.offers.put(model, route.add(endpoint, upstreamModel));
            } else {
                known.upstreamModel = upstreamModel;
            }
        });
    }

    void withdraw(Endpoint endpoint, String model) {
        Offer offer = endpoint.offers.remove(model);
        if (offer != null) {
            offer.route.ranking.remove(offer);
            if (offer.route.ranking.isEmpty()) {
                routes.remove(model);
            }
        }
    }

    void weigh(Endpoint endpoint) {
        endpoint.offers.values().forEach(offer -> offer.route.weigh(offer));
    }

    /// True if none of its models would lose more than its part to ejections for failures.
    boolean mayEject(Endpoint endpoint, int mostEjectedPercent) {
        if (mostEjectedPercent == 0) {
            return false;
        }
        for (Offer offer : endpoint.offers.values()) {
            if (!offer.route.mayEjectOne(mostEjectedPercent)) {
                return false;
            }
        }
        return true;
    }

    /// True if another endpoint that is not out offers one of its models.
    boolean hasOtherThan(Endpoint endpoint) {
        for (Offer offer : endpoint.offers.values()) {
            if (offer.route.hasOtherThan(endpoint)) {
                return true;
            }
        }
        return false;
    }

    void checkInvariants(Collection<Endpoint> endpoints) {
        routes.values().forEach(Route::checkInvariants);
        int ranked = routes.values().stream().mapToInt(r -> r.ranking.size()).sum();
        int offered = endpoints.stream().mapToInt(e -> e.offers.size()).sum();
        Expect.holds(ranked == offered, "offers in routes", ranked, offered);
    }
}
