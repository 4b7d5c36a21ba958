package dev.millrace.cli.engines;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.engine.simulated.SimulatedModels;
import dev.millrace.models.lifecycle.EngineStarter;
import dev.millrace.models.lifecycle.LoadListener;
import dev.millrace.models.lifecycle.MemoryNeed;
import dev.millrace.models.lifecycle.ModelLoadFailedException;
import dev.millrace.models.lifecycle.ModelSource;
import dev.millrace.models.lifecycle.RunningModel;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.worker.EngineOpener;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.process.WorkerLauncher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The simulated models, all of them, none of which is a model. *Thread-safe.*
final class SimulatedEngines implements ModelSource, EngineStarter {
    private static final List<ModelId> NAMES = List.of(
            SimulatedModels.STREAM,
            SimulatedModels.FIVE,
            SimulatedModels.ZERO,
            SimulatedModels.BATCH,
            SimulatedModels.SLOW);

    private final List<ModelId> models;
    private final MillraceConfig config;
    private final @Nullable WorkerLauncher workers;
    private final EngineOpener inside;

    /// @param first the model that requests without a known name and readiness are about
    /// @param workers starts worker processes; absent = `inside` opens engines here
    SimulatedEngines(ModelId first, MillraceConfig config, @Nullable WorkerLauncher workers, EngineOpener inside) {
        this.config = config;
        this.workers = workers;
        this.inside = inside;
        List<ModelId> ordered = new ArrayList<>(NAMES);
        ordered.remove(first);
        ordered.addFirst(first);
        models = List.copyOf(ordered);
    }

    /// The simulated model of this name; the streaming one for a name that is no
    /// simulated model's.
    ///
    /// @throws CommandFailedException if `name` begins with `simulated/` and there is none
    static ModelId find(String name) {
        for (ModelId model : NAMES) {
            if (model.value().equals(name)) {
                return model;
            }
        }
        if (name.startsWith("simulated/")) {
            throw new CommandFailedException(ExitCode.MODEL, "no simulated model '" + name + "'", "There are " + NAMES);
        }
        return SimulatedModels.STREAM;
    }

    @Override
    public List<ModelId> models() {
        return models;
    }

    @Override
    public boolean has(ModelId model) {
        return models.contains(model);
    }

    @Override
    public Optional<ModelId> resolve(String name) {
        return models.stream().filter(model -> model.value().equals(name)).findFirst();
    }

    @Override
    public MemoryNeed estimate(ModelId model) {
        return new MemoryNeed(0, 0, 0, 0);
    }

    @Override
    public RunningModel start(ModelId model, LoadListener listener)
            throws ModelLoadFailedException, InterruptedException {
        try {
            return OwnedModel.start(order(model), workers, inside, listener);
        } catch (LoadFailedException e) {
            throw new ModelLoadFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    private LoadOrder order(ModelId model) {
        return new LoadOrder(
                LoadOrder.Kind.SIMULATED,
                model,
                config.dataDirectory(),
                config.engine().contextTokens(),
                config.engine().slots(),
                config.engine().threads(),
                config.engine().stepBudget(),
                config.dataDirectory(),
                null);
    }
}
