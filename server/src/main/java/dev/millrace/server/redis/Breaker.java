package dev.millrace.server.redis;

/// Leaves a service alone that failed several times in a row: while it is open nobody asks, then one who asks
/// tries. *Thread-safe.*
final class Breaker {
    private final int mostFailures;
    private final long openNanos;
    private int failures;
    private boolean trying;
    private long openUntilNanos;

    /// @param mostFailures in a row that open it
    /// @param openNanos how long it stays open
    Breaker(int mostFailures, long openNanos) {
        this.mostFailures = mostFailures;
        this.openNanos = openNanos;
    }

    /// True if the service may be asked; the outcome is to be told then.
    synchronized boolean allows(long nowNanos) {
        if (failures < mostFailures) {
            return true;
        }
        if (trying || nowNanos - openUntilNanos < 0) {
            return false;
        }
        trying = true;
        return true;
    }

    synchronized void succeeded() {
        failures = 0;
        trying = false;
    }

    synchronized void failed(long nowNanos) {
        failures = Math.min(failures + 1, mostFailures);
        trying = false;
        if (failures == mostFailures) {
            openUntilNanos = nowNanos + openNanos;
        }
    }
}
