package dev.millrace.server.config;

import java.nio.file.Path;

/// All settings of one server. *Immutable.*
///
/// @param dataDirectory where natives, models and caches are kept
/// @param model what is served: a known name or the path of a GGUF file
public record MillraceConfig(
        ServerConfig server,
        Path dataDirectory,
        String model,
        ModelsConfig models,
        EngineConfig engine,
        LimitsConfig limits,
        TimeoutConfig timeouts,
        LogConfig log) {}
