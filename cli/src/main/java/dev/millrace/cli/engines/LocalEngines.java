package dev.millrace.cli.engines;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.lifecycle.EngineStarter;
import dev.millrace.models.lifecycle.LoadListener;
import dev.millrace.models.lifecycle.ModelLoadFailedException;
import dev.millrace.models.lifecycle.RunningModel;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.worker.EngineOpener;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.process.WorkerLauncher;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Starts models of this machine on llama.cpp, each in a worker process or all in this one. *Thread-safe.*
final class LocalEngines implements EngineStarter {
    private final MachineModels models;
    private final MillraceConfig config;
    private final @Nullable WorkerLauncher workers;
    private final EngineOpener inside;
    private final Consumer<String> notices;

    /// @param workers starts worker processes; absent = run engines in this process
    LocalEngines(
            MachineModels models,
            MillraceConfig config,
            @Nullable WorkerLauncher workers,
            EngineOpener inside,
            Consumer<String> notices) {
        this.models = models;
        this.config = config;
        this.workers = workers;
        this.inside = inside;
        this.notices = notices;
    }

    @Override
    public RunningModel start(ModelId model, LoadListener listener)
            throws ModelLoadFailedException, InterruptedException {
        Path file = models.file(model);
        if (file == null) {
            throw new ModelLoadFailedException("the model was removed");
        }
        try {
            LoadOrder order = order(model, file);
            // Here and not in the worker, so that whoever waits is told about the download.
            EngineKinds.library(order.dataDirectory(), order.natives(), notices);
            OwnedModel started = OwnedModel.start(order, workers, inside, listener);
            if (workers != null) {
                models.measured(file, started.residentBytes());
            }
            return started;
        } catch (LoadFailedException e) {
            throw new ModelLoadFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    private LoadOrder order(ModelId model, Path file) {
        return new LoadOrder(
                LoadOrder.Kind.LLAMA,
                model,
                file,
                config.engine().contextTokens(),
                config.engine().slots(),
                config.engine().threads(),
                config.engine().stepBudget(),
                config.dataDirectory(),
                config.engine().natives());
    }
}
