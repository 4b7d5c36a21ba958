package dev.millrace.models.download;

import java.io.IOException;
import java.io.Serial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A request failed in a way that may pass. [RetryPolicy] says what follows.
final class Trouble extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /// What failed.
    enum Kind {
        /// No connection, or it broke.
        CONNECTION,
        /// Nothing came, or too slowly.
        STALL,
        /// The source said that it cannot now: 408, 429 or 5xx.
        BUSY
    }

    private final Kind kind;
    private final Duration retryAfter;

    Trouble(Kind kind, String message) {
        this(kind, message, Duration.ZERO, null);
    }

    Trouble(Kind kind, String message, Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    Kind kind() {
        return kind;
    }

    /// What the source asked for; zero if nothing.
    Duration retryAfter() {
        return retryAfter;
    }

    String words() {
        return String.valueOf(getMessage());
    }
}
