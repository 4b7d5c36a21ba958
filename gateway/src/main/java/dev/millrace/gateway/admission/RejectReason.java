package dev.millrace.gateway.admission;

/// Why somebody was turned away.
public enum RejectReason {
    /// The whole queue is full.
    QUEUE_FULL,
    /// This key has its share of the queue; others may still enter.
    KEY_QUEUE_FULL,
    /// Memory is short: work of little weight is refused first.
    SHED,
    /// Memory is so short that all new work is refused.
    OVERLOADED,
    /// Its deadline had passed when it came.
    EXPIRED
}
