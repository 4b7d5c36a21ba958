package dev.millrace.server.config;

import java.nio.file.Path;

/// All settings of one server. *Immutable.*
///
/// @param dataDirectory where natives, models and caches are kept
/// @param model what is served: a known name, the path of a GGUF file, or [#NO_MODEL]
public record MillraceConfig(
        ServerConfig server,
        Path dataDirectory,
        String model,
        ModelsConfig models,
        EngineConfig engine,
        GatewayConfig gateway,
        CacheConfig cache,
        LimitsConfig limits,
        TimeoutConfig timeouts,
        LogConfig log) {
    /// The name that says that nothing is to run on this machine.
    public static final String NO_MODEL = "none";

    /// True if models run here, not only at upstreams.
    public boolean hasLocalModels() {
        return !model.equals(NO_MODEL);
    }
}
