package dev.millrace.models.download;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How far a pull is, at one moment. *Immutable.*
///
/// @param model the name it will have; empty while that is not known
/// @param bytes transferred and still there, or, while verifying, read back; of all files
/// @param totalBytes of all files; -1 if the source does not say
/// @param bytesPerSecond over the last seconds; 0 if nothing came
/// @param timeLeft absent if it cannot be told
/// @param note what a person should know: a retry, a fresh start; empty if nothing
public record PullProgress(
        String model,
        PullPhase phase,
        long bytes,
        long totalBytes,
        long bytesPerSecond,
        @Nullable Duration timeLeft,
        String note) {
    /// 0..1; 0 while the total is not known.
    public double fraction() {
        return totalBytes <= 0 ? 0 : Math.min(1.0, (double) bytes / totalBytes);
    }
}
