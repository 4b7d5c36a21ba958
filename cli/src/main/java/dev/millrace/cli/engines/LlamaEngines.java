package dev.millrace.cli.engines;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.batch.BackendFactory;
import dev.millrace.engine.batch.BatchEngine;
import dev.millrace.engine.batch.StepBudget;
import dev.millrace.llama.LlamaLoader;
import dev.millrace.llama.LlamaOptions;
import dev.millrace.llama.ProgressListener;
import dev.millrace.llama.natives.NativeLibraries;
import dev.millrace.llama.natives.NativeLibrary;
import dev.millrace.llama.natives.NativeSettings;
import dev.millrace.server.config.EngineConfig;
import dev.millrace.server.models.EngineProvider;
import dev.millrace.server.models.EngineUnavailableException;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// One model on llama.cpp. *Thread-safe.*
public final class LlamaEngines implements EngineProvider {
    private static final int REUSE_PER_SLOT = 3;
    private static final float LOADING_SHARE = 0.7f;

    private final ModelFile model;
    private final EngineConfig config;
    private final NativeSettings natives;
    private final Consumer<String> notices;
    private final NanoClock clock;
    private final Clock wall;

    /// @param notices told in one line each about phases that take time, for example a download
    /// @param wall what chat templates take for the date
    public LlamaEngines(
            ModelFile model,
            EngineConfig config,
            NativeSettings natives,
            Consumer<String> notices,
            NanoClock clock,
            Clock wall) {
        this.model = model;
        this.config = config;
        this.natives = natives;
        this.notices = notices;
        this.clock = clock;
        this.wall = wall;
    }

    @Override
    public List<ModelId> models() {
        return List.of(model.id());
    }

    @Override
    public Engine load(ModelId id, LoadProgress progress) throws EngineUnavailableException, InterruptedException {
        NativeLibrary library;
        try {
            library = NativeLibraries.of(natives).obtain(notices);
        } catch (IOException e) {
            throw new EngineUnavailableException(String.valueOf(e.getMessage()), e);
        }
        AtomicBoolean abandoned = new AtomicBoolean();
        CompletableFuture<BatchEngine> engine = BatchEngine.start(
                factory(options(library), progress, abandoned),
                new StepBudget(config.stepBudget(), StepBudget.DEFAULT.alone()),
                clock,
                Executors.newVirtualThreadPerTaskExecutor(),
                Thread.ofPlatform().daemon().name("engine-" + model.id()).factory());
        try {
            return engine.get();
        } catch (InterruptedException e) {
            abandoned.set(true);
            engine.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new EngineUnavailableException(String.valueOf(cause.getMessage()), cause);
        }
    }

    private BackendFactory factory(LlamaOptions options, LoadProgress progress, AtomicBoolean abandoned) {
        ProgressListener listener = (phase, fraction) -> {
            progress.at(
                    switch (phase) {
                        case LOADING -> LOADING_SHARE * fraction;
                        case WARMING_UP -> LOADING_SHARE + (1 - LOADING_SHARE) * fraction;
                    });
            return !abandoned.get();
        };
        return LlamaLoader.factory(options, listener, clock, wall);
    }

    private LlamaOptions options(NativeLibrary library) {
        return LlamaOptions.of(model.id(), model.file(), library)
                .withContextTokens(config.contextTokens())
                .withSlots(config.slots(), REUSE_PER_SLOT * config.slots())
                .withThreads(config.threads());
    }
}
