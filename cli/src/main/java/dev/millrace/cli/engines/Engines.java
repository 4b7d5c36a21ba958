package dev.millrace.cli.engines;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.core.time.NanoClock;
import dev.millrace.llama.natives.NativeSettings;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.models.EngineProvider;
import dev.millrace.worker.process.WorkerLauncher;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Chooses what runs the configured model.
public final class Engines {
    private Engines() {}

    /// The engines that a configuration asks for. Nothing is loaded yet.
    ///
    /// @param environment of this process, of which workers see a part
    /// @param notices told in one line each about phases that take time
    /// @throws CommandFailedException if there is no such model
    public static EngineProvider of(
            MillraceConfig config, Places places, Map<String, String> environment, Consumer<String> notices) {
        return switch (config.engine().kind()) {
            case SIMULATED -> new SimulatedEngines(SimulatedEngines.find(config.model()), NanoClock.SYSTEM);
            case LLAMA ->
                new LocalEngines(
                        ModelFile.find(config.model(), places),
                        config,
                        workers(config, places, environment),
                        new EngineKinds(notices, NanoClock.SYSTEM, Clock.system(ZoneId.systemDefault())),
                        notices);
        };
    }

    private static @Nullable WorkerLauncher workers(
            MillraceConfig config, Places places, Map<String, String> environment) {
        if (!config.engine().worker()) {
            return null;
        }
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

    /// Where a configuration looks for llama.cpp.
    public static NativeSettings natives(MillraceConfig config) {
        return EngineKinds.settings(config.dataDirectory(), config.engine().natives());
    }
}
