package dev.millrace.cli.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that change settings. Each is a short name for a key of the configuration.
public final class ConfigOptions {
    @Option(names = "--host", paramLabel = "ADDRESS", description = "Address to listen on (127.0.0.1).")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on; 0 takes a free one (8000).")
    private @Nullable Integer port;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Where libraries, models and histories are kept (~/.millrace, or MILLRACE_HOME).")
    private @Nullable Path dataDirectory;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "A GGUF file, the name of one in the data directory (millrace-demo), or none.")
    private @Nullable String model;

    @Option(
            names = "--upstream",
            paramLabel = "URL",
            description = "A server that answers for more models, as URL or NAME=URL; may be given several times.")
    private List<String> upstreams = new ArrayList<>();

    @Option(
            names = "--engine",
            paramLabel = "KIND",
            description = "llama runs the model; simulated makes answers up, for measuring (llama).")
    private @Nullable String engine;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings in a YAML file.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any other setting; may be given several times. millrace config lists all keys.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /// The file that was named.
    public @Nullable Path file() {
        return file;
    }

    /// What was set, by key of the configuration.
    public Map<String, String> flags() {
        Map<String, String> flags = new LinkedHashMap<>(settings);
        put(flags, "server.host", host);
        put(flags, "server.port", port);
        put(flags, "data-dir", dataDirectory);
        put(flags, "model", model);
        put(flags, "gateway.upstreams", upstreams.isEmpty() ? null : String.join(",", upstreams));
        put(flags, "engine.kind", engine);
        return flags;
    }

    private static void put(Map<String, String> flags, String key, @Nullable Object value) {
        if (value != null) {
            flags.put(key, value.toString());
        }
    }
}
