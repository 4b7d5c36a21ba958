package dev.millrace.models.download;

/// Tells a slow connection from a useless one: less than so many bytes per second over a whole window. Time is a value
/// passed
/// in. *Confined to one thread.*
final class PaceRule {
    private static final double NANOS_PER_SECOND = 1e9;

    private final PullLimits limits;
    private long windowStart;
    private long windowBytes;

    PaceRule(PullLimits limits, long nowNanos) {
        this.limits = limits;
        this.windowStart = nowNanos;
    }

    /// Counts bytes that came; true if the connection is to be given up.
    boolean isTooSlow(long bytes, long nowNanos) {
        windowBytes += bytes;
        long elapsed = nowNanos - windowStart;
        if (elapsed < limits.slowWindow().toNanos()) {
            return false;
        }
        boolean slow = windowBytes < limits.slowBytesPerSecond() * (elapsed / NANOS_PER_SECOND);
        windowStart = nowNanos;
        windowBytes = 0;
        return slow;
    }
}
