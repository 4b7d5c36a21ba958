package dev.millrace.cli.engines;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.simulated.SimulatedModels;
import dev.millrace.server.loop.LoopDelays;
import dev.millrace.server.models.EngineProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/// The simulated models, all of them, none of which is a model. *Thread-safe.*
public final class SimulatedEngines implements EngineProvider {
    private static final List<ModelId> NAMES =
            List.of(SimulatedModels.STREAM, SimulatedModels.FIVE, SimulatedModels.ZERO, SimulatedModels.BATCH);

    private final List<ModelId> models;
    private final NanoClock clock;
    private @Nullable List<Engine> engines;

    /// @param first the model that requests without a known name and readiness are about
    public SimulatedEngines(ModelId first, NanoClock clock) {
        this.clock = clock;
        List<ModelId> ordered = new ArrayList<>(NAMES);
        ordered.remove(first);
        ordered.addFirst(first);
        models = List.copyOf(ordered);
    }

    /// The simulated model of this name; the streaming one for a name that is no
    /// simulated model's.
    ///
    /// @throws CommandFailedException if `name` begins with `simulated/` and there is none
    public static ModelId find(String name) {
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
    public synchronized Engine load(ModelId model, LoadProgress progress) {
        List<Engine> all = engines;
        if (all == null) {
            ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("simulated-timer").factory());
            all = SimulatedModels.start(
                    new LoopDelays(timer),
                    clock,
                    Executors.newVirtualThreadPerTaskExecutor(),
                    Thread.ofPlatform().daemon().name("engine-simulated").factory());
            engines = all;
        }
        progress.at(1);
        return all.stream()
                .filter(engine -> engine.model().id().equals(model))
                .findFirst()
                .orElseThrow();
    }
}
