package dev.millrace.engine;

import dev.millrace.core.id.RequestId;
import org.jspecify.annotations.Nullable;

/// The consumer's end of one running embedding request. [#poll] is confined to one consumer thread at a time; the rest
/// is thread-safe.
///
/// Unlike a [Generation] it does not wait for a slow reader: what it may hold is bounded by the request.
public interface Embedding {
    /// The id of the request.
    RequestId id();

    /// The next event in order, or `null` if there is none now. After the terminal event always `null`.
    @Nullable
    EmbeddingEvent poll();

    /// Stops the work before its next decode. Idempotent; after it the only event that still matters is the terminal
    /// one, which follows even then.
    void cancel();
}
