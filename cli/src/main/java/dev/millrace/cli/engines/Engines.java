package dev.millrace.cli.engines;

import dev.millrace.cli.console.Places;
import dev.millrace.core.time.NanoClock;
import dev.millrace.llama.natives.NativeSettings;
import dev.millrace.llama.natives.Platform;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.models.EngineProvider;
import java.time.Clock;
import java.time.ZoneId;
import java.util.function.Consumer;

/// Chooses what runs the configured model.
public final class Engines {
    private Engines() {}

    /// The engines that a configuration asks for. Nothing is loaded yet.
    ///
    /// @param notices told in one line each about phases that take time
    /// @throws dev.millrace.cli.console.CommandFailedException if there is no such model
    public static EngineProvider of(MillraceConfig config, Places places, Consumer<String> notices) {
        return switch (config.engine().kind()) {
            case SIMULATED -> new SimulatedEngines(SimulatedEngines.find(config.model()), NanoClock.SYSTEM);
            case LLAMA ->
                new LlamaEngines(
                        ModelFile.find(config.model(), places),
                        config.engine(),
                        natives(config),
                        notices,
                        NanoClock.SYSTEM,
                        Clock.system(ZoneId.systemDefault()));
        };
    }

    /// Where a configuration looks for llama.cpp.
    public static NativeSettings natives(MillraceConfig config) {
        return new NativeSettings(
                config.dataDirectory().resolve("natives"),
                config.engine().natives(),
                Platform.of(System.getProperty("os.name"), System.getProperty("os.arch")));
    }
}
