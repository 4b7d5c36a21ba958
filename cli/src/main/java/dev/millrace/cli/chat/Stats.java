package dev.millrace.cli.chat;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What an answer took, as its reader saw it. *Immutable.*
///
/// @param tokens as the server counted them, or else the pieces of text that arrived
/// @param firstTextNanos question sent to first text
/// @param streamNanos first text to last text
/// @param serverRate tokens per second as the server timed them; 0 if it does not say. Pieces may arrive in a heap,
///     so the server knows better
record Stats(int tokens, long firstTextNanos, long streamNanos, double serverRate) {
    private static final double NANOS_PER_SECOND = 1e9;

    /// The server's rate, or else tokens behind the first one by the time they took; `null` if neither says
    /// anything.
    @Nullable
    Double tokensPerSecond() {
        if (serverRate > 0) {
            return serverRate;
        }
        return tokens < 2 || streamNanos <= 0 ? null : (tokens - 1) * NANOS_PER_SECOND / streamNanos;
    }

    /// For example `42 tokens · 118 tok/s · first token 23 ms`.
    String line() {
        StringBuilder line = new StringBuilder();
        line.append(tokens).append(tokens == 1 ? " token" : " tokens");
        Double rate = tokensPerSecond();
        if (rate != null) {
            line.append(String.format(Locale.ROOT, rate < 10 ? " · %.1f tok/s" : " · %.0f tok/s", rate));
        }
        return line.append(" · first token ").append(duration(firstTextNanos)).toString();
    }

    private static String duration(long nanos) {
        double millis = nanos / 1e6;
        return millis < 10_000
                ? String.format(Locale.ROOT, "%.0f ms", millis)
                : String.format(Locale.ROOT, "%.1f s", millis / 1000);
    }
}
