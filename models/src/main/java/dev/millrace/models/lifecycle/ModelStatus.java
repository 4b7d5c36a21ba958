package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One model at one moment; a snapshot to look at, never to decide by. *Immutable.*
///
/// @param progress how much of the whole start is done, from 0 to 1
/// @param timeLeft an estimate until it is ready; `null` if it is not being loaded or nothing is known yet
/// @param draining ready only for those who have a lease: it leaves when the last one is back
/// @param users leases that are out
/// @param waiters requests that wait for it
/// @param reservedBytes what the budget counts for it: measured if known, else estimated; 0 if not in memory
/// @param measuredBytes what it was measured to take; 0 if unknown
/// @param expiresIn until it leaves memory if nobody uses it; `null` for never or not in memory
/// @param failure why the last start failed or the engine was lost; `null` if it did not
/// @param retryIn until the next start may be tried; `null` if it may at once
public record ModelStatus(
        ModelId model,
        ModelState state,
        float progress,
        @Nullable Duration timeLeft,
        boolean draining,
        int users,
        int waiters,
        long reservedBytes,
        long measuredBytes,
        @Nullable Duration expiresIn,
        boolean pinned,
        @Nullable String failure,
        @Nullable Duration retryIn) {}
