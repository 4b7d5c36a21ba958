package dev.millrace.server.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How models are run. *Immutable.*
///
/// @param slots most sequences decoded at once
/// @param contextTokens most tokens of one request; 0 = what the model was trained for, within limits
/// @param threads threads that compute; 0 = found out by a probe
/// @param stepBudget time one scheduler step should take at most while other sequences decode
/// @param worker each model runs in a process of its own; false = in the server's
/// @param shareCores models in processes of their own use no more threads together than there are cores
/// @param natives directory of llama.cpp's libraries; absent = obtained by itself
public record EngineConfig(
        Kind kind,
        int slots,
        int contextTokens,
        int threads,
        Duration stepBudget,
        boolean worker,
        boolean shareCores,
        @Nullable Path natives) {
    /// What runs a model.
    public enum Kind {
        /// llama.cpp.
        LLAMA,
        /// Nothing: answers are made up at a set pace, and say so.
        SIMULATED
    }
}
