package dev.millrace.models.download;

import dev.millrace.core.ByteSize;
import java.time.Duration;

/// Every limit of a pull. *Immutable.*
///
/// @param connect to get a connection, with TLS
/// @param head from the request to the end of the response's head
/// @param stall without one byte
/// @param slowWindow after which a connection slower than `slowBytesPerSecond` counts as stalled
/// @param tries in a row without progress, per part
/// @param progress bytes that count as progress
/// @param firstWait before the second try; doubles up to `longestWait`
/// @param longestRetryAfter that a source may ask for; more ends the pull
/// @param checkpoint bytes of one part after which they are forced to the disk and recorded
/// @param checkpointInterval the same in time
/// @param spaceMargin that stays free on the disk
/// @param smallestPiece not cut further for more connections
/// @param largestPiece asked for in one request
public record PullLimits(
        Duration connect,
        Duration head,
        Duration stall,
        Duration slowWindow,
        long slowBytesPerSecond,
        int tries,
        ByteSize progress,
        Duration firstWait,
        Duration longestWait,
        Duration longestRetryAfter,
        ByteSize checkpoint,
        Duration checkpointInterval,
        ByteSize spaceMargin,
        ByteSize smallestPiece,
        ByteSize largestPiece) {
    /// Fit for large files over the internet.
    public static final PullLimits DEFAULT = new PullLimits(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            1024,
            6,
            ByteSize.mebibytes(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            ByteSize.mebibytes(16),
            Duration.ofSeconds(1),
            ByteSize.mebibytes(256),
            ByteSize.mebibytes(8),
            ByteSize.mebibytes(256));

    public PullLimits {
        if (tries < 1 || tries > 100) {
            throw new IllegalArgumentException("tries: " + tries + " (expected: 1..100)");
        }
        if (smallestPiece.bytes() < 1 || largestPiece.bytes() < smallestPiece.bytes()) {
            throw new IllegalArgumentException(
                    "pieces: " + smallestPiece + ".." + largestPiece + " (expected: 1B or more, in order)");
        }
        if (checkpoint.bytes() < 1) {
            throw new IllegalArgumentException("checkpoint: " + checkpoint + " (expected: 1B or more)");
        }
    }
}
