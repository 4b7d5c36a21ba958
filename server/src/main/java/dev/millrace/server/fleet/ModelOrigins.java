package dev.millrace.server.fleet;

import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// Which upstreams ever offered a model, and under which names of their own. It only grows, so that an upstream
/// that comes and goes does not make a model look like another one each time. *Thread-safe.*
final class ModelOrigins {
    private static final String NOBODY = "";

    private final int mostModels;
    private final Map<String, Origin> byModel = new ConcurrentHashMap<>();

    ModelOrigins(int mostModels) {
        this.mostModels = mostModels;
    }

    /// @param line of all places
    private record Origin(SortedSet<String> places, String line) {}

    /// @param models public name to the upstream's own
    void note(String upstream, Map<String, String> models) {
        models.forEach((model, own) -> {
            String place = upstream + "=" + own;
            Origin known = byModel.get(model);
            boolean news = known == null
                    ? byModel.size() < mostModels
                    : !known.places().contains(place);
            if (news) {
                byModel.merge(model, with(new TreeSet<>(), place), (before, _) -> with(before.places(), place));
            }
        });
    }

    private static Origin with(SortedSet<String> before, String place) {
        SortedSet<String> places = new TreeSet<>(before);
        places.add(place);
        return new Origin(places, String.join("\n", places));
    }

    /// All its places; empty if there are none.
    String of(String model) {
        Origin origin = byModel.get(model);
        return origin == null ? NOBODY : origin.line();
    }
}
