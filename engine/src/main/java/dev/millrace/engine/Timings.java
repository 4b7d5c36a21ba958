package dev.millrace.engine;

/// Where the time of one request went, from one monotonic clock. *Immutable.*
///
/// @param queueNanos submitted to first scheduled step, tokenising included
/// @param prefillNanos first scheduled step to first token
/// @param decodeNanos first token to last token
public record Timings(long queueNanos, long prefillNanos, long decodeNanos) {
    /// Nothing was run.
    public static final Timings NONE = new Timings(0, 0, 0);
}
