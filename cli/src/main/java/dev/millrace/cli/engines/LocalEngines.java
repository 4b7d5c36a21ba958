package dev.millrace.cli.engines;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.Engine;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.models.EngineProvider;
import dev.millrace.server.models.EngineUnavailableException;
import dev.millrace.worker.EngineOpener;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadListener;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.process.WorkerLauncher;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Models of this machine on llama.cpp, each in a worker process or all in this one. *Thread-safe.*
final class LocalEngines implements EngineProvider {
    private static final float LOADING_SHARE = 0.7f;

    private final ModelFile model;
    private final MillraceConfig config;
    private final @Nullable WorkerLauncher workers;
    private final EngineOpener inside;
    private final Consumer<String> notices;

    /// @param workers starts worker processes; absent = run engines in this process
    LocalEngines(
            ModelFile model,
            MillraceConfig config,
            @Nullable WorkerLauncher workers,
            EngineOpener inside,
            Consumer<String> notices) {
        this.model = model;
        this.config = config;
        this.workers = workers;
        this.inside = inside;
        this.notices = notices;
    }

    @Override
    public List<ModelId> models() {
        return List.of(model.id());
    }

    @Override
    public Engine load(ModelId id, LoadProgress progress) throws EngineUnavailableException, InterruptedException {
        LoadListener listener = (phase, fraction) -> {
            switch (phase) {
                case STARTING -> {}
                case LOADING -> progress.at(LOADING_SHARE * fraction);
                case WARMING -> progress.at(LOADING_SHARE + (1 - LOADING_SHARE) * fraction);
            }
        };
        try {
            LoadOrder order = order(id);
            // Here and not in the worker, so that whoever waits is told about the download.
            EngineKinds.library(order.dataDirectory(), order.natives(), notices);
            return workers == null
                    ? inside.open(order, listener)
                    : workers.start(order, listener).engine();
        } catch (LoadFailedException e) {
            throw new EngineUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    private LoadOrder order(ModelId id) {
        return new LoadOrder(
                LoadOrder.Kind.LLAMA,
                id,
                model.file(),
                config.engine().contextTokens(),
                config.engine().slots(),
                config.engine().threads(),
                config.engine().stepBudget(),
                config.dataDirectory(),
                config.engine().natives());
    }
}
