package dev.millrace.cli.config;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.server.config.ConfigException;
import dev.millrace.server.config.ConfigLoader;
import dev.millrace.server.config.ConfigSources;
import dev.millrace.server.config.LoadedConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the settings of a command, and puts what is wrong with them into words.
public final class EffectiveConfig {
    /// Variables of the command, its launcher and the project's tools; the configuration does not know them.
    private static final Set<String> OWN_VARIABLES =
            Set.of("MILLRACE_LOG", "MILLRACE_NO_AOT", "MILLRACE_JAVA_HOME", "MILLRACE_JAVA_OPTS", "MILLRACE_BENCH_DIR");

    private EffectiveConfig() {}

    /// File, environment and flags together.
    ///
    /// @param file from the command line; `null` = what `MILLRACE_CONFIG` names, if anything
    /// @throws CommandFailedException with every problem there is
    public static LoadedConfig load(Console console, @Nullable Path file, Map<String, String> flags) {
        Map<String, String> environment = new HashMap<>(console.environment());
        environment.keySet().removeAll(OWN_VARIABLES);
        String named = environment.getOrDefault(ConfigSources.FILE_VARIABLE, "");
        Path chosen = file == null && !named.isEmpty() ? Path.of(named) : file;
        try {
            return ConfigLoader.load(
                    new ConfigSources(chosen, environment, flags, Path.of(System.getProperty("user.home"))));
        } catch (ConfigException e) {
            throw new CommandFailedException(
                    ExitCode.CONFIGURATION,
                    String.join("\n  ", e.problems()),
                    "millrace config shows every setting; docs/configuration.md says what each does",
                    e);
        }
    }
}
