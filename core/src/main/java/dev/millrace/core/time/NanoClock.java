package dev.millrace.core.time;

/// A monotonic clock in nanoseconds; only differences mean anything. *Thread-safe.*
@FunctionalInterface
public interface NanoClock {
    /// The clock of this process.
    NanoClock SYSTEM = System::nanoTime;

    /// Nanoseconds since an arbitrary origin; never goes back.
    long nanoTime();
}
