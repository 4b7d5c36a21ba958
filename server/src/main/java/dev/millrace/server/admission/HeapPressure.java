package dev.millrace.server.admission;

import dev.millrace.core.time.NanoClock;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.function.DoubleSupplier;

/// How much of the heap was still in use after the latest collection, 0 to 1. *Thread-safe.*
///
/// What is in use at any moment says little: collectors let the heap fill up before they look at it.
public final class HeapPressure implements DoubleSupplier {
    private static final long LOOK_NANOS = 100_000_000;

    private final NanoClock clock;
    private final List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isCollectionUsageThresholdSupported())
            .toList();
    private volatile long lookedNanos;
    private volatile double pressure;

    /// @param clock decides when to look again
    public HeapPressure(NanoClock clock) {
        this.clock = clock;
        this.lookedNanos = clock.nanoTime();
    }

    @Override
    public double getAsDouble() {
        long nowNanos = clock.nanoTime();
        if (nowNanos - lookedNanos > LOOK_NANOS) {
            lookedNanos = nowNanos; // that two threads look at once does no harm
            pressure = look();
        }
        return pressure;
    }

    private double look() {
        long used = 0;
        for (MemoryPoolMXBean pool : pools) {
            MemoryUsage left = pool.getCollectionUsage();
            used += left == null ? 0 : left.getUsed();
        }
        return (double) used / Runtime.getRuntime().maxMemory();
    }
}
