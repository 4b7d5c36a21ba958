package dev.millrace.models.download;

import dev.millrace.core.time.NanoClock;
import java.time.Duration;
import java.util.function.Consumer;

/// What is known of the progress of one pull, and who wants to know. Numbers come from any thread; the listener is
/// called by
/// the pulling thread only, outside of the lock. *Thread-safe.*
final class ProgressBoard {
    static final Duration INTERVAL = Duration.ofMillis(200);

    private final NanoClock clock;
    private final Consumer<PullProgress> listener;
    private String model = "";
    private PullPhase phase = PullPhase.RESOLVING;
    private long earlierBytes;
    private long bytes;
    private long totalBytes = -1;
    private long receivedBytes;
    private String note = "";
    private SpeedMeter meter = new SpeedMeter();
    private long lastReport;

    ProgressBoard(NanoClock clock, Consumer<PullProgress> listener) {
        this.clock = clock;
        this.listener = listener;
        this.lastReport = clock.nanoTime();
    }

    synchronized void named(String name) {
        model = name;
    }

    /// Begins a phase and reports it.
    void enter(PullPhase next) {
        synchronized (this) {
            if (phase != next) {
                meter = new SpeedMeter();
            }
            phase = next;
        }
        report();
    }

    synchronized void total(long total) {
        totalBytes = total;
    }

    /// The file being worked on has so many bytes now.
    synchronized void present(long count) {
        bytes = count;
    }

    /// Bytes came over the network.
    synchronized void received(long count) {
        bytes += count;
        receivedBytes += count;
        meter.add(count, clock.nanoTime());
    }

    /// Bytes were read back.
    synchronized void verified(long count) {
        bytes += count;
        meter.add(count, clock.nanoTime());
    }

    /// The file being worked on is complete; the next one begins.
    synchronized void fileDone(long sizeBytes) {
        earlierBytes += sizeBytes;
        bytes = 0;
    }

    synchronized void note(String text) {
        note = text;
    }

    /// The same, from the pulling thread: the listener is told.
    void tell(String text) {
        note(text);
        report();
    }

    synchronized long receivedBytes() {
        return receivedBytes;
    }

    synchronized PullProgress snapshot() {
        long all = earlierBytes + bytes;
        long speed = meter.bytesPerSecond(clock.nanoTime());
        Duration left = speed > 0 && totalBytes >= all ? Duration.ofSeconds((totalBytes - all) / speed) : null;
        return new PullProgress(model, phase, all, totalBytes, speed, left, note);
    }

    /// Tells the listener.
    void report() {
        lastReport = clock.nanoTime();
        listener.accept(snapshot());
    }

    /// Tells the listener if it was told nothing for a while.
    void reportNowAndThen() {
        if (clock.nanoTime() - lastReport >= INTERVAL.toNanos()) {
            report();
        }
    }
}
