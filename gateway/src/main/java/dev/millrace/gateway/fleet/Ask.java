package dev.millrace.gateway.fleet;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A request as routing sees it. *Immutable*, if its parts are: neither the array nor the set is copied, because one is
/// made for each choice. [Fleet] reads them during the call only and keeps neither.
///
/// @param model the public name
/// @param session a stable key of the caller's conversation, or `null`
/// @param prefix hashes of growing prefixes of the prompt, shortest first, each chained to the one before; empty if
///     unknown. Only the first [#MOST_BLOCKS] count
/// @param tried where this request was sent before; it is not sent there again
@SuppressWarnings("ArrayRecordComponent") // Boxed hashes would cost more than the whole choice; nobody compares asks.
public record Ask(String model, @Nullable String session, long[] prefix, Set<EndpointId> tried) {
    /// Bounds the time of one choice.
    public static final int MOST_BLOCKS = 128;
}
