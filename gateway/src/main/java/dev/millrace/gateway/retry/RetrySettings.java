package dev.millrace.gateway.retry;

import java.time.Duration;

/// How often and how soon a request is sent again. *Immutable.*
///
/// @param mostAttempts of one request, the first included
/// @param backoffFirstNanos the longest wait after the first attempt; doubled after each further one
/// @param backoffMostNanos the longest wait after any
/// @param mostRetryAfterNanos the longest Retry-After that is waited for; who asks for more is not asked again
public record RetrySettings(int mostAttempts, long backoffFirstNanos, long backoffMostNanos, long mostRetryAfterNanos) {
    private static final long LONGEST_NANOS = Duration.ofHours(1).toNanos();

    /// Refuses what contradicts itself.
    public RetrySettings {
        within("mostAttempts", mostAttempts, 1, Integer.MAX_VALUE);
        within("backoffFirstNanos", backoffFirstNanos, 0, LONGEST_NANOS);
        within("backoffMostNanos", backoffMostNanos, backoffFirstNanos, LONGEST_NANOS);
        within("mostRetryAfterNanos", mostRetryAfterNanos, 0, LONGEST_NANOS);
    }

    /// Three attempts; 25 ms to 1 s; a Retry-After of at most 2 s.
    public static RetrySettings usual() {
        return new RetrySettings(
                3,
                Duration.ofMillis(25).toNanos(),
                Duration.ofSeconds(1).toNanos(),
                Duration.ofSeconds(2).toNanos());
    }

    private static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }
}
