package dev.millrace.server;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.Engine;
import dev.millrace.models.lifecycle.EngineStarter;
import dev.millrace.models.lifecycle.LoadListener;
import dev.millrace.models.lifecycle.MemoryNeed;
import dev.millrace.models.lifecycle.ModelSource;
import dev.millrace.models.lifecycle.RunningModel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Models whose engines are there already: loading takes no time. *Immutable.*
public record FixedModels(List<Engine> engines) implements ModelSource, EngineStarter {
    @Override
    public List<ModelId> models() {
        return engines.stream().map(engine -> engine.model().id()).toList();
    }

    @Override
    public boolean has(ModelId model) {
        return models().contains(model);
    }

    @Override
    public Optional<ModelId> resolve(String name) {
        return models().stream().filter(model -> model.value().equals(name)).findFirst();
    }

    @Override
    public MemoryNeed estimate(ModelId model) {
        return new MemoryNeed(0, 0, 0, 0);
    }

    @Override
    public RunningModel start(ModelId model, LoadListener listener) {
        return new There(engines.stream()
                .filter(engine -> engine.model().id().equals(model))
                .findFirst()
                .orElseThrow());
    }

    private record There(Engine engine) implements RunningModel {
        @Override
        public long residentBytes() {
            return 0;
        }

        @Override
        public CompletionStage<String> lost() {
            return new CompletableFuture<>();
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
