package dev.millrace.engine.simulated;

import dev.millrace.core.time.NanoClock;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// How simulated time passes.
@FunctionalInterface
public interface Pace {
    /// Lets `nanos` pass, or fewer if `interrupted` becomes true.
    void pass(long nanos, BooleanSupplier interrupted);

    /// Real time: the calling thread waits.
    static Pace real(NanoClock clock) {
        return (nanos, interrupted) -> {
            long deadlineNanos = clock.nanoTime() + nanos;
            for (long left = nanos; left > 0 && !interrupted.getAsBoolean(); left = deadlineNanos - clock.nanoTime()) {
                LockSupport.parkNanos(Math.min(left, MOST_PARKED_NANOS));
            }
        };
    }

    /// Longest wait between two looks at `interrupted`: an abort from another thread is seen within it.
    long MOST_PARKED_NANOS = 5_000_000;
}
