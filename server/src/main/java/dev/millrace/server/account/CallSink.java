package dev.millrace.server.account;

/// Told of every call that ended. *Thread-safe.*
@FunctionalInterface
public interface CallSink {
    /// Must return quickly; called on event loops.
    void ended(CallSummary call);
}
