package dev.millrace.cli.engines;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.core.time.NanoClock;
import dev.millrace.llama.natives.NativeSettings;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.lifecycle.EngineStarter;
import dev.millrace.models.lifecycle.ModelSource;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.worker.process.WorkerLauncher;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The models a server offers and what runs them, as configured. *Thread-safe.*
public final class Engines implements AutoCloseable {
    private static final long REFRESH_MILLIS = 250;

    private final ModelSource source;
    private final EngineStarter starter;
    private final @Nullable WorkerLauncher workers;
    private final @Nullable ScheduledExecutorService refresher;

    private Engines(
            ModelSource source,
            EngineStarter starter,
            @Nullable WorkerLauncher workers,
            @Nullable ScheduledExecutorService refresher) {
        this.source = source;
        this.starter = starter;
        this.workers = workers;
        this.refresher = refresher;
    }

    /// The models and engines that a configuration asks for. Nothing is loaded yet.
    ///
    /// @param environment of this process, of which workers see a part
    /// @param notices told in one line each about phases that take time
    /// @throws CommandFailedException if there is no such model
    public static Engines of(
            MillraceConfig config, Places places, Map<String, String> environment, Consumer<String> notices) {
        return switch (config.engine().kind()) {
            case SIMULATED -> {
                SimulatedEngines simulated =
                        new SimulatedEngines(SimulatedEngines.find(config.model()), NanoClock.SYSTEM);
                yield new Engines(simulated, simulated, null, null);
            }
            case LLAMA -> local(config, places, environment, notices);
        };
    }

    private static Engines local(
            MillraceConfig config, Places places, Map<String, String> environment, Consumer<String> notices) {
        Catalogue catalogue = Catalogue.open(
                config.dataDirectory(), List.of(places.distribution().resolve("models")), InstantSource.system());
        MachineModels models = new MachineModels(
                ModelFile.find(config.model(), places),
                catalogue,
                new MemoryNeeds(config.engine()),
                MeasuredMemory.in(config.dataDirectory().resolve("measured-memory.json")));
        WorkerLauncher workers = config.engine().worker() ? workers(places, environment) : null;
        EngineKinds inside = new EngineKinds(notices, NanoClock.SYSTEM, Clock.system(ZoneId.systemDefault()));
        ScheduledExecutorService refresher = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("catalogue").factory());
        var _ = refresher.scheduleWithFixedDelay(
                models::refresh, REFRESH_MILLIS, REFRESH_MILLIS, TimeUnit.MILLISECONDS);
        return new Engines(models, new LocalEngines(models, config, workers, inside, notices), workers, refresher);
    }

    private static WorkerLauncher workers(Places places, Map<String, String> environment) {
        try {
            return new WorkerLauncher(WorkerCommandLine.of(places, environment), NanoClock.SYSTEM, new SecureRandom());
        } catch (IOException e) {
            throw new CommandFailedException(
                    ExitCode.FAILED,
                    "no place for the sockets of workers: " + e.getMessage(),
                    "Free the temporary directory, or run models in the server: --set engine.worker=false",
                    e);
        }
    }

    /// The models on offer, the configured one first.
    public ModelSource source() {
        return source;
    }

    /// Brings them into memory.
    public EngineStarter starter() {
        return starter;
    }

    /// Frees what the engines shared; to be called when all models have been closed.
    @Override
    public void close() {
        if (refresher != null) {
            refresher.shutdownNow();
        }
        if (workers != null) {
            workers.close();
        }
    }

    /// Where a configuration looks for llama.cpp.
    public static NativeSettings natives(MillraceConfig config) {
        return EngineKinds.settings(config.dataDirectory(), config.engine().natives());
    }
}
