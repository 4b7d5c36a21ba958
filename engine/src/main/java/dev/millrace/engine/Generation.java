package dev.millrace.engine;

import dev.millrace.core.id.RequestId;
import org.jspecify.annotations.Nullable;

/// The consumer's end of one running request. [#poll] is confined to one consumer thread at a time; the rest is
/// thread-safe.
public interface Generation {
    /// The id of the request.
    RequestId id();

    /// The next event in order, or `null` if there is none now. After the terminal event always `null`.
    ///
    /// Progress events ([GenerationEvent.Queued], [GenerationEvent.Prefilling]) may be skipped when newer ones
    /// exist; tokens and the terminal event never are.
    @Nullable
    GenerationEvent poll();

    /// Stops the generation, in whatever phase it is, within one step. Idempotent; after it the only event that
    /// still matters is the terminal one, which follows even then.
    void cancel();
}
