package dev.millrace.models.download;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Waits between tries. *Thread-safe.*
@FunctionalInterface
public interface Pause {
    /// Real time.
    Pause REAL = (stopped, longest) -> stopped.await(longest.toNanos(), TimeUnit.NANOSECONDS);

    /// Waits so long, or until `stopped` opens.
    ///
    /// @return true if it opened
    boolean await(CountDownLatch stopped, Duration longest) throws InterruptedException;
}
