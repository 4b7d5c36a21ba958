package dev.millrace.models.lifecycle;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a request asks of the pool beyond the model's name. *Immutable.*
///
/// @param keepAlive how long the model stays after its last use; `null` for the setting, zero to leave at once,
///     negative to stay
/// @param mayLoad whether to load the model if it is not in memory
/// @param mayWait whether to wait for it, or be refused at once
public record Demand(@Nullable Duration keepAlive, boolean mayLoad, boolean mayWait) {
    /// Loads, waits, and leaves the time to the settings.
    public static final Demand USUAL = new Demand(null, true, true);
}
