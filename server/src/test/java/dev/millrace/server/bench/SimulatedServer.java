package dev.millrace.server.bench;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.simulated.SimulatedModels;
import dev.millrace.server.MillraceServer;
import dev.millrace.server.config.ConfigLoader;
import dev.millrace.server.config.ConfigSources;
import dev.millrace.server.config.LoadedConfig;
import dev.millrace.server.loop.LoopDelays;
import dev.millrace.server.models.EngineProvider;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/// Millrace over its simulated engines, configured by its environment variables. Argument: port.
public final class SimulatedServer {
    private SimulatedServer() {}

    public static void main(String[] arguments) throws Exception {
        LoadedConfig loaded = ConfigLoader.load(ConfigSources.ofProcess(null, Map.of("server.port", arguments[0])));
        var timers = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().factory());
        List<Engine> engines = SimulatedModels.start(
                new LoopDelays(timers),
                NanoClock.SYSTEM,
                Executors.newVirtualThreadPerTaskExecutor(),
                Thread.ofPlatform().name("simulated").factory());
        MillraceServer.start(loaded.config(), new Fixed(engines));
    }

    private record Fixed(List<Engine> engines) implements EngineProvider {
        @Override
        public List<ModelId> models() {
            return engines.stream().map(engine -> engine.model().id()).toList();
        }

        @Override
        public Engine load(ModelId model, LoadProgress progress) {
            return engines.stream()
                    .filter(engine -> engine.model().id().equals(model))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
