package dev.millrace.llama;

import java.util.Arrays;

/// How long the sections of a graph took between its pause points. Each pass goes through the same ones, so the next
/// section will take about what it took in the last pass. *Not thread-safe.*
final class SectionTimes {
    private long[] nanos = new long[64];
    private int index;
    private int known;

    /// A pass begins.
    void restart() {
        index = 0;
    }

    /// A section of the pass ended.
    ///
    /// @return what the next one will take; 0 if it is the last, or the first pass
    long ended(long tookNanos) {
        if (index == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * index);
        }
        nanos[index++] = tookNanos;
        known = Math.max(known, index);
        return index < known ? nanos[index] : 0;
    }
}
