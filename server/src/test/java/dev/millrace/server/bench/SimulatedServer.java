package dev.millrace.server.bench;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.simulated.SimulatedModels;
import dev.millrace.server.FixedModels;
import dev.millrace.server.MillraceServer;
import dev.millrace.server.config.ConfigLoader;
import dev.millrace.server.config.ConfigSources;
import dev.millrace.server.config.LoadedConfig;
import dev.millrace.server.loop.LoopDelays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/// Millrace over its simulated engines, configured by its environment variables. Argument: port.
public final class SimulatedServer {
    private SimulatedServer() {}

    public static void main(String[] arguments) throws Exception {
        LoadedConfig loaded = ConfigLoader.load(ConfigSources.ofProcess(null, Map.of("server.port", arguments[0])));
        var timers = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().factory());
        List<Engine> engines = Stream.of(
                        SimulatedModels.STREAM, SimulatedModels.FIVE, SimulatedModels.ZERO, SimulatedModels.BATCH)
                .flatMap(model -> SimulatedModels.start(
                        model,
                        new LoopDelays(timers),
                        NanoClock.SYSTEM,
                        Executors.newVirtualThreadPerTaskExecutor(),
                        Thread.ofPlatform().name("simulated").factory())
                        .stream())
                .toList();
        FixedModels models = new FixedModels(engines);
        MillraceServer.start(loaded.config(), models, models);
    }
}
