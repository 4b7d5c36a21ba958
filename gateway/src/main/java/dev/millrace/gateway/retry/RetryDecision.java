package dev.millrace.gateway.retry;

/// What becomes of a request after a fault. *Immutable.*
public sealed interface RetryDecision {
    /// It is sent to another endpoint after that time.
    record Elsewhere(long delayNanos) implements RetryDecision {}

    /// It is sent to the same endpoint after that time.
    record SamePlace(long delayNanos) implements RetryDecision {}

    /// The fault is the answer.
    record GiveUp() implements RetryDecision {}
}
