package dev.millrace.cli.engines;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.llama.Cores;
import dev.millrace.llama.natives.NativeSettings;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.download.Surroundings;
import dev.millrace.models.lifecycle.EngineStarter;
import dev.millrace.models.lifecycle.ModelSource;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.loop.LoopDelays;
import dev.millrace.server.models.ModelStore;
import dev.millrace.worker.process.StartingRoom;
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
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The models a server offers and what runs them, as configured. *Thread-safe.*
public final class Engines implements AutoCloseable {
    private static final long REFRESH_MILLIS = 250;

    private static final long SWEEP_AFTER_SECONDS = 3;
    private static final Logger LOG = LoggerFactory.getLogger(Engines.class);

    private final ModelSource source;
    private final @Nullable ModelStore store;
    private final EngineStarter starter;
    private final @Nullable WorkerLauncher workers;
    private final @Nullable ScheduledExecutorService refresher;

    private Engines(
            ModelSource source,
            @Nullable ModelStore store,
            EngineStarter starter,
            @Nullable WorkerLauncher workers,
            @Nullable ScheduledExecutorService refresher) {
        this.source = source;
        this.store = store;
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
        EngineKinds inside = new EngineKinds(
                notices,
                Cores.ALONE,
                // On the event loop of the request, so that what is measured with them is the serving.
                new LoopDelays(TimerDelays.newTimer()),
                NanoClock.SYSTEM,
                Clock.system(ZoneId.systemDefault()));
        if (!config.hasLocalModels()) {
            return new Engines(NoModels.NONE, null, NoModels.NONE, null, null);
        }
        return switch (config.engine().kind()) {
            case SIMULATED -> {
                ModelId first = SimulatedEngines.find(config.model());
                WorkerLauncher workers = workers(config, places, environment);
                SimulatedEngines simulated = new SimulatedEngines(first, config, workers, inside);
                yield new Engines(simulated, null, simulated, workers, null);
            }
            case LLAMA -> local(config, places, environment, inside, notices);
        };
    }

    private static Engines local(
            MillraceConfig config,
            Places places,
            Map<String, String> environment,
            EngineKinds inside,
            Consumer<String> notices) {
        Catalogue catalogue = Catalogue.open(
                config.dataDirectory(), List.of(places.distribution().resolve("models")), InstantSource.system());
        ModelFile first = ModelFile.find(config.model(), places);
        WorkerLauncher workers = workers(config, places, environment);
        if (workers != null) {
            // The server loads this one as soon as it listens; its process can start meanwhile.
            workers.prepare(first.id());
        }
        MachineModels models = new MachineModels(
                first,
                catalogue,
                new MemoryNeeds(config.engine()),
                MeasuredMemory.in(config.dataDirectory().resolve("measured-memory.json")));
        ScheduledExecutorService refresher = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("catalogue").factory());
        var _ = refresher.scheduleWithFixedDelay(
                models::refresh, REFRESH_MILLIS, REFRESH_MILLIS, TimeUnit.MILLISECONDS);
        // Not before the first model is on its way: a start does not wait for what an earlier process left.
        var _ = refresher.schedule(() -> sweep(catalogue), SWEEP_AFTER_SECONDS, TimeUnit.SECONDS);
        MachineStore store = new MachineStore(
                catalogue, models, config.models().store(), Surroundings.ofThisMachine(RandomGenerator.getDefault()));
        return new Engines(
                models, store, new LocalEngines(models, config, workers, inside, notices), workers, refresher);
    }

    private static void sweep(Catalogue catalogue) {
        try {
            long freed = catalogue.sweep();
            if (freed > 0) {
                LOG.info("event=store_swept freed_bytes={}", freed);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("event=store_not_swept reason=\"{}\"", e.getMessage());
        }
    }

    private static @Nullable WorkerLauncher workers(
            MillraceConfig config, Places places, Map<String, String> environment) {
        if (!config.engine().worker()) {
            return null;
        }
        try {
            return new WorkerLauncher(
                    WorkerCommandLine.of(places, config.engine().shareCores(), environment),
                    NanoClock.SYSTEM,
                    new SecureRandom(),
                    config.engine().shareCores() ? new StartingCore() : StartingRoom.NONE);
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

    /// What of them lies on the disk and may be changed; `null` if nothing may.
    public @Nullable ModelStore store() {
        return store;
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
