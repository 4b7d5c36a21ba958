package dev.millrace.engine.simulated;

import dev.millrace.core.time.NanoClock;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/// A clock that only moves when something simulated takes time. *Thread-safe.*
public final class VirtualTime implements NanoClock, Pace {
    private final AtomicLong nowNanos = new AtomicLong();

    @Override
    public long nanoTime() {
        return nowNanos.get();
    }

    @Override
    public void pass(long nanos, BooleanSupplier interrupted) {
        if (!interrupted.getAsBoolean()) {
            nowNanos.addAndGet(nanos);
        }
    }
}
