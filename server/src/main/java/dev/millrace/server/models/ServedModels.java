package dev.millrace.server.models;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.Engine;
import dev.millrace.engine.ModelDescription;
import dev.millrace.models.lifecycle.ModelPool;
import dev.millrace.models.lifecycle.ModelSource;
import dev.millrace.models.lifecycle.ModelState;
import dev.millrace.models.lifecycle.ModelStatus;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The models one server offers and those of them that are in memory. *Thread-safe.*
///
/// @param loadOnDemand requests load models that are not in memory
public record ServedModels(
        ModelSource source, ModelPool pool, @Nullable ModelId first, boolean loadOnDemand, AtomicBoolean wasReady)
        implements AutoCloseable {
    /// @param first the model that readiness is about; `null` if no models run here
    public ServedModels(ModelSource source, ModelPool pool, @Nullable ModelId first, boolean loadOnDemand) {
        this(source, pool, first, loadOnDemand, new AtomicBoolean());
    }

    /// All models, those in memory or not.
    public List<ModelId> names() {
        return source.models();
    }

    /// The model that a name or alias stands for; empty if there is none.
    public Optional<ModelId> find(String name) {
        return source.resolve(name);
    }

    /// What a loaded model says of itself; `null` if it is not in memory.
    public @Nullable ModelDescription description(ModelId model) {
        Engine engine = pool.look(model);
        return engine == null ? null : engine.model();
    }

    /// True if the first request, which names the first model, would be answered: it is in memory, or it was once
    /// and comes back when somebody asks.
    public boolean isReady() {
        return first != null && isReady(first);
    }

    private boolean isReady(ModelId model) {
        return switch (pool.status(model).state()) {
            case READY -> {
                wasReady.set(true);
                yield true;
            }
            case FAILED -> false;
            case UNLOADED, QUEUED, EVICTING, STARTING, LOADING, WARMING, STOPPING -> loadOnDemand && wasReady.get();
        };
    }

    /// Why the first model cannot be used; `null` if it can or may yet.
    public @Nullable String failure() {
        if (first == null) {
            return null;
        }
        ModelStatus status = pool.status(first);
        boolean failed = status.state() == ModelState.FAILED
                || (status.state() == ModelState.UNLOADED && !wasReady.get() && status.failure() != null);
        return failed ? String.valueOf(status.failure()) : null;
    }

    /// Takes every model out of memory; what runs on them ends.
    @Override
    public void close() {
        pool.close();
    }
}
