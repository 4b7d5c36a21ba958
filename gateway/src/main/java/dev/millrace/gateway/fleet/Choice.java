package dev.millrace.gateway.fleet;

/// What becomes of a request. *Immutable.*
public sealed interface Choice {
    /// It goes to an endpoint. [Fleet#ended] is to be told how that ends, once.
    record Send(Attempt attempt) implements Choice {}

    /// Nobody offers the model.
    record Unknown() implements Choice {}

    /// The model is offered, but no endpoint can take the request now: all are ejected, or busy.
    ///
    /// @param retryAfterNanos when asking again makes sense; at least 1
    record Unavailable(long retryAfterNanos) implements Choice {}

    /// Every endpoint that could have taken the request was tried by it.
    record Exhausted() implements Choice {}
}
