package dev.millrace.cli.engines;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.lifecycle.EngineStarter;
import dev.millrace.models.lifecycle.LoadListener;
import dev.millrace.models.lifecycle.MemoryNeed;
import dev.millrace.models.lifecycle.ModelLoadFailedException;
import dev.millrace.models.lifecycle.ModelSource;
import dev.millrace.models.lifecycle.RunningModel;
import java.util.List;
import java.util.Optional;

/// A machine that runs no models itself: upstreams answer for all. *Immutable.*
enum NoModels implements ModelSource, EngineStarter {
    NONE;

    @Override
    public List<ModelId> models() {
        return List.of();
    }

    @Override
    public boolean has(ModelId model) {
        return false;
    }

    @Override
    public Optional<ModelId> resolve(String name) {
        return Optional.empty();
    }

    @Override
    public MemoryNeed estimate(ModelId model) {
        return new MemoryNeed(0, 0, 0, 0);
    }

    @Override
    public RunningModel start(ModelId model, LoadListener listener) throws ModelLoadFailedException {
        throw new ModelLoadFailedException("no models run here");
    }
}
