package dev.millrace.cli.engines;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.batch.BackendFactory;
import dev.millrace.engine.batch.BatchEngine;
import dev.millrace.engine.batch.StepBudget;
import dev.millrace.engine.simulated.DelayScheduler;
import dev.millrace.llama.Cores;
import dev.millrace.llama.LlamaLoader;
import dev.millrace.llama.LlamaOptions;
import dev.millrace.llama.ProgressListener;
import dev.millrace.llama.natives.NativeLibraries;
import dev.millrace.llama.natives.NativeLibrary;
import dev.millrace.llama.natives.NativeSettings;
import dev.millrace.llama.natives.Platform;
import dev.millrace.worker.EngineOpener;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadListener;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.LoadPhase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Opens engines of any kind in this process: the worker's, or the server's own when it has none. *Thread-safe.*
public final class EngineKinds implements EngineOpener {
    private static final int REUSE_PER_SLOT = 3;

    private final Consumer<String> notices;
    private final Cores cores;
    private final NanoClock clock;
    private final Clock wall;
    private final SimulatedKind simulated;

    /// @param notices told in one line each about phases that take time, for example a download
    /// @param cores who may compute: the models of other processes want the same ones
    /// @param delays make simulated tokens take time
    /// @param wall what chat templates take for the date
    public EngineKinds(Consumer<String> notices, Cores cores, DelayScheduler delays, NanoClock clock, Clock wall) {
        this.notices = notices;
        this.cores = cores;
        this.clock = clock;
        this.wall = wall;
        this.simulated = new SimulatedKind(delays, clock);
    }

    @Override
    public Engine open(LoadOrder order, LoadListener listener) throws LoadFailedException, InterruptedException {
        return switch (order.kind()) {
            case LLAMA -> llama(order, listener);
            case SIMULATED -> simulated.open(order.model(), listener);
        };
    }

    /// The libraries of llama.cpp, downloaded if they are not here yet.
    static NativeLibrary library(Path dataDirectory, @Nullable Path configured, Consumer<String> notices)
            throws LoadFailedException {
        try {
            return NativeLibraries.of(settings(dataDirectory, configured)).obtain(notices);
        } catch (IOException e) {
            throw new LoadFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    static NativeSettings settings(Path dataDirectory, @Nullable Path configured) {
        return new NativeSettings(
                dataDirectory.resolve("natives"),
                configured,
                Platform.of(System.getProperty("os.name"), System.getProperty("os.arch")));
    }

    private Engine llama(LoadOrder order, LoadListener listener) throws LoadFailedException, InterruptedException {
        NativeLibrary library = library(order.dataDirectory(), order.natives(), notices);
        AtomicBoolean abandoned = new AtomicBoolean();
        CompletableFuture<BatchEngine> engine = BatchEngine.start(
                factory(options(order, library), listener, abandoned),
                new StepBudget(order.stepBudget(), StepBudget.DEFAULT.alone()),
                clock,
                Executors.newVirtualThreadPerTaskExecutor(),
                Thread.ofPlatform().daemon().name("engine-" + order.model()).factory());
        try {
            return engine.get();
        } catch (InterruptedException e) {
            abandoned.set(true);
            engine.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new LoadFailedException(String.valueOf(cause.getMessage()), cause);
        }
    }

    private BackendFactory factory(LlamaOptions options, LoadListener listener, AtomicBoolean abandoned) {
        ProgressListener progress = (phase, fraction) -> {
            listener.at(
                    switch (phase) {
                        case LOADING -> LoadPhase.LOADING;
                        case WARMING_UP -> LoadPhase.WARMING;
                    },
                    fraction);
            return !abandoned.get();
        };
        return LlamaLoader.factory(options, progress, cores, clock, wall);
    }

    private static LlamaOptions options(LoadOrder order, NativeLibrary library) {
        return LlamaOptions.of(order.model(), order.file(), library)
                .withContextTokens(order.contextTokens())
                .withSlots(order.slots(), REUSE_PER_SLOT * order.slots())
                .withThreads(order.threads());
    }
}
