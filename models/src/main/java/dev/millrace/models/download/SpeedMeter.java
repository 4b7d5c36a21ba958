package dev.millrace.models.download;

import java.util.ArrayDeque;
import java.util.Deque;

/// Bytes per second over the last seconds. Time is a value passed in. *Confined to its owner's lock.*
final class SpeedMeter {
    private static final long WINDOW_NANOS = 5_000_000_000L;
    private static final long SLOT_NANOS = 250_000_000L;
    private static final double NANOS_PER_SECOND = 1e9;

    private record Mark(long nanos, long bytes) {}

    // At most one mark per slot of time: WINDOW / SLOT of them, and one older.
    private final Deque<Mark> marks = new ArrayDeque<>();
    private long received;

    /// Counts bytes that came.
    void add(long bytes, long nowNanos) {
        note(nowNanos);
        received += bytes;
    }

    /// The speed now; 0 before anything can be said.
    long bytesPerSecond(long nowNanos) {
        note(nowNanos);
        Mark oldest = marks.getFirst();
        long elapsed = nowNanos - oldest.nanos;
        return elapsed < SLOT_NANOS ? 0 : Math.round((received - oldest.bytes) * NANOS_PER_SECOND / elapsed);
    }

    long received() {
        return received;
    }

    private void note(long nowNanos) {
        Mark last = marks.peekLast();
        if (last == null || nowNanos - last.nanos >= SLOT_NANOS) {
            marks.addLast(new Mark(nowNanos, received));
        }
        while (marks.size() > 1 && nowNanos - marks.getFirst().nanos > WINDOW_NANOS) {
            marks.removeFirst();
        }
    }
}
