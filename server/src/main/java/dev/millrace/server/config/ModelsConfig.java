package dev.millrace.server.config;

import dev.millrace.core.ByteSize;
import java.time.Duration;
import java.util.List;

/// Which models are in memory, and for how long. *Immutable.*
///
/// @param keepAlive an unused model leaves after this time; zero = at once
/// @param memory what all models together may take; 0 bytes = what the machine has free
/// @param most most models in memory at once
/// @param loadOnDemand requests load models that are not in memory
/// @param loadTimeout longest time of one load
/// @param patience longest time that a request waits for its model
/// @param pinned names of models that are loaded at the start and never leave
/// @param store the models on the disk
public record ModelsConfig(
        Duration keepAlive,
        ByteSize memory,
        int most,
        boolean loadOnDemand,
        Duration loadTimeout,
        Duration patience,
        List<String> pinned,
        StoreConfig store) {
    public ModelsConfig {
        pinned = List.copyOf(pinned);
    }
}
