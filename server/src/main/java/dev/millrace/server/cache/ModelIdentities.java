package dev.millrace.server.cache;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.ModelDescription;
import dev.millrace.server.fleet.Upstreams;
import dev.millrace.server.models.ServedModels;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Tells what a model's name stands for now. *Thread-safe.*
///
/// What runs here is nearer than any upstream, as for requests themselves.
public final class ModelIdentities {
    private static final String UPSTREAM = "upstream";

    private final ServedModels models;
    private final Upstreams upstreams;
    private final Map<ModelId, String> builds = new ConcurrentHashMap<>();

    public ModelIdentities(ServedModels models, Upstreams upstreams) {
        this.models = models;
        this.upstreams = upstreams;
    }

    /// A model is in memory: from now on it is known what computes it. An answer that is being computed for the
    /// first time, while its model loads, is asked for once more under the name of what computed it.
    public void loaded(ModelId model, @Nullable ModelDescription description) {
        if (description != null) {
            builds.put(model, description.engine() + ", " + description.contextTokens() + " tokens");
        }
    }

    @Nullable
    ModelIdentity of(String name) {
        Optional<ModelId> here = models.find(name);
        if (here.isPresent()) {
            ModelId model = here.get();
            String origin = models.source().identity(model);
            return new ModelIdentity(model.value(), origin, builds.getOrDefault(model, ModelIdentity.NOT_YET));
        }
        String origin = upstreams.origin(name);
        return origin.isEmpty() ? null : new ModelIdentity(name, origin, UPSTREAM);
    }
}
