package dev.millrace.server.config;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where settings come from; each wins over the ones before it. *Immutable.*
///
/// @param file a YAML file
/// @param environment variables; those that start with `MILLRACE_` count
/// @param flags values of the command line by key, for example `server.port`
/// @param userHome what `~` stands for
public record ConfigSources(
        @Nullable Path file, Map<String, String> environment, Map<String, String> flags, Path userHome) {
    /// The environment variable that names the file if no flag does.
    public static final String FILE_VARIABLE = "MILLRACE_CONFIG";

    public ConfigSources {
        environment = Map.copyOf(environment);
        flags = Map.copyOf(flags);
    }

    /// The sources of this process.
    ///
    /// @param file from the command line; `null` = what `MILLRACE_CONFIG` names, if anything
    public static ConfigSources ofProcess(@Nullable Path file, Map<String, String> flags) {
        Map<String, String> environment = System.getenv();
        String named = environment.get(FILE_VARIABLE);
        Path chosen = file == null && named != null ? Path.of(named) : file;
        return new ConfigSources(chosen, environment, flags, Path.of(System.getProperty("user.home")));
    }
}
