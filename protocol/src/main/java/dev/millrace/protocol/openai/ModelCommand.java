package dev.millrace.protocol.openai;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The body of `POST /models/load` and `/models/unload`. *Immutable.*
///
/// @param keepAlive how long the model stays unused; absent = the server's setting
/// @param pin keeps it in memory until it is unpinned or unloaded; absent = as it is
public record ModelCommand(
        String model,
        @Nullable Duration keepAlive,
        @Nullable Boolean pin) {}
