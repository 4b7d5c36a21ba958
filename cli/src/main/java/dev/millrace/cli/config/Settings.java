package dev.millrace.cli.config;

import dev.millrace.core.ByteSize;
import dev.millrace.server.config.EngineConfig;
import dev.millrace.server.config.LimitsConfig;
import dev.millrace.server.config.LogConfig;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.config.ServerConfig;
import dev.millrace.server.config.TimeoutConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// TEMPORARY: stands in until the loader is there.
public final class Settings {
    private Settings() {}

    public static MillraceConfig load(@Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
        return new MillraceConfig(
                new ServerConfig(flags.getOrDefault("server.host", "127.0.0.1"), Integer.parseInt(flags.getOrDefault("server.port", "8000")), List.of(), false, 0),
                Path.of(flags.getOrDefault("data-dir", environment.getOrDefault("MILLRACE_HOME", System.getProperty("user.home") + "/.millrace"))),
                flags.getOrDefault("model", "millrace-demo"),
                new EngineConfig(EngineConfig.Kind.valueOf(flags.getOrDefault("engine.kind", "llama").toUpperCase(Locale.ROOT)), 4, 0, 0, Duration.ofMillis(100), null),
                new LimitsConfig(100, 200, Duration.ofSeconds(30), ByteSize.mebibytes(8)),
                new TimeoutConfig(
                        Duration.ofSeconds(10), Duration.ofSeconds(75), Duration.ofSeconds(120), Duration.ofSeconds(60), Duration.ofMinutes(10),
                        Duration.ofSeconds(30), Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ZERO),
                new LogConfig(LogConfig.Format.TEXT, LogConfig.Requests.ALL));
    }
}
