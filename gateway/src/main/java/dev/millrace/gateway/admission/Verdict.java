package dev.millrace.gateway.admission;

import java.time.Duration;

/// What happens to a request that arrives.
public sealed interface Verdict {
    /// It has a place, to be given back with `release`.
    record Admitted() implements Verdict {}

    /// It waits; a [Notice] will follow, unless it leaves.
    ///
    /// @param position about how many will be served before it and with it, 1 or more: later arrivals of
    ///     keys that had less may still go first, and those who leave make it shorter
    /// @param estimate how long that takes at the observed pace
    record Queued(int position, Duration estimate) implements Verdict {}

    /// It is turned away.
    ///
    /// @param retryAfter when asking again makes sense, spread so that those refused together do not return
    ///     together
    record Rejected(RejectReason reason, Duration retryAfter) implements Verdict {}
}
