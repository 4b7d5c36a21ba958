package dev.millrace.worker;

import dev.millrace.core.id.ModelId;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What one worker is to load, complete: it reads no configuration of its own. *Immutable.*
///
/// @param file the model; for a simulated engine it is not opened
/// @param contextTokens most tokens of one request; 0 = what the model was trained for, within limits
/// @param slots most sequences at once
/// @param threads threads that compute; 0 = found out by a probe
/// @param stepBudget time one step should take at most while sequences decode
/// @param dataDirectory where natives are kept
/// @param natives directory of llama.cpp's libraries; absent = obtained by itself
public record LoadOrder(
        Kind kind,
        ModelId model,
        Path file,
        int contextTokens,
        int slots,
        int threads,
        Duration stepBudget,
        Path dataDirectory,
        @Nullable Path natives) {
    /// What runs the model.
    public enum Kind {
        /// llama.cpp.
        LLAMA,
        /// Nothing: a labelled test bed.
        SIMULATED
    }
}
