package dev.millrace.gateway.retry;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads when a server wants to be asked again. *Immutable.*
public final class RetryAfter {
    /// Nothing was said, or nothing that can be read.
    public static final long UNSAID = -1;

    private static final long MOST_NANOS = Duration.ofHours(1).toNanos();
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long MILLI_NANOS = Duration.ofMillis(1).toNanos();
    private static final int LONGEST_TEXT = 40;
    // Some servers send parts of a second, which the standard does not know.
    private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?");

    private RetryAfter() {}

    /// @param retryAfter the header `Retry-After`: seconds, or a date
    /// @param retryAfterMs the header `retry-after-ms` of OpenAI, which is finer and so preferred
    /// @return the time from now, at most an hour; 0 for a date that is over; -1 if neither says anything
    public static long nanosOf(@Nullable String retryAfter, @Nullable String retryAfterMs, long nowEpochSeconds) {
        long fine = number(retryAfterMs, MILLI_NANOS);
        if (fine != UNSAID) {
            return fine;
        }
        long seconds = number(retryAfter, SECOND_NANOS);
        return seconds == UNSAID ? date(retryAfter, nowEpochSeconds) : seconds;
    }

    private static long number(@Nullable String text, long unitNanos) {
        if (text == null || text.length() > LONGEST_TEXT) {
            return UNSAID;
        }
        String number = text.strip();
        if (!NUMBER.matcher(number).matches()) {
            return UNSAID;
        }
        return (long) Math.min((double) MOST_NANOS, Double.parseDouble(number) * unitNanos);
    }

    private static long date(@Nullable String text, long nowEpochSeconds) {
        if (text == null || text.length() > LONGEST_TEXT) {
            return UNSAID;
        }
        try {
            long at = ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toEpochSecond();
            return Math.clamp(at - nowEpochSeconds, 0, MOST_NANOS / SECOND_NANOS) * SECOND_NANOS;
        } catch (DateTimeException _) {
            return UNSAID;
        }
    }
}
