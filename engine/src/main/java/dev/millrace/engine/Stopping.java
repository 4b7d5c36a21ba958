package dev.millrace.engine;

import java.util.List;

/// When to stop before `maxTokens`. *Immutable.*
///
/// @param stops strings that end the answer and are never part of it; at most [#MAX_STOPS], none empty
/// @param ignoreEos go on when the model ends its answer
/// @param minTokens do not stop before this many tokens, 0 or more
public record Stopping(List<String> stops, boolean ignoreEos, int minTokens) {
    /// Most stop strings of one request.
    public static final int MAX_STOPS = 16;

    /// Longest stop string, in UTF-8 bytes.
    public static final int MAX_STOP_BYTES = 1024;

    /// The model's own end only.
    public static final Stopping AT_END = new Stopping(List.of(), false, 0);

    public Stopping {
        stops = List.copyOf(stops);
        if (stops.size() > MAX_STOPS || stops.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("stops: at most " + MAX_STOPS + ", none empty");
        }
    }
}
