package dev.millrace.gateway.cache;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// One answer as the cache keeps it. *Immutable.*
///
/// @param key of the request that it answers
/// @param labels whose it is, and what can make it invalid
/// @param createdEpochMillis wall time when its computation began, not when it ended: an invalidation in between must
///     find it older than itself
/// @param ttlMillis its life, from [Freshness#drawTtlMillis]
/// @param kind how the payload is sent
/// @param status of the HTTP answer
/// @param promptTokens tokens of the prompt
/// @param completionTokens tokens of all choices together
/// @param finishReasons one for each choice, in the order of their index
/// @param payload what is sent
public record StoredAnswer(
        CacheKey key,
        Labels labels,
        long createdEpochMillis,
        long ttlMillis,
        Kind kind,
        int status,
        int promptTokens,
        int completionTokens,
        List<String> finishReasons,
        Payload payload) {
    /// Most choices of one answer.
    public static final int MAX_CHOICES = 255;

    // The share of chance may lengthen the longest life.
    private static final long MAX_TTL_MILLIS = Freshness.MAX_TTL.toMillis() / 10 * 11;

    public StoredAnswer {
        requireNonNull(key, "key");
        requireNonNull(labels, "labels");
        requireNonNull(kind, "kind");
        requireNonNull(payload, "payload");
        finishReasons = List.copyOf(finishReasons);
        finishReasons.forEach(reason -> Names.require(reason, "finishReason"));
        requireRange(createdEpochMillis, 0, Long.MAX_VALUE, "createdEpochMillis");
        requireRange(ttlMillis, 1, MAX_TTL_MILLIS, "ttlMillis");
        requireRange(status, 100, 599, "status");
        requireRange(promptTokens, 0, Integer.MAX_VALUE, "promptTokens");
        requireRange(completionTokens, 0, Integer.MAX_VALUE, "completionTokens");
        requireRange(finishReasons.size(), 0, MAX_CHOICES, "finishReasons");
    }

    private static void requireRange(long value, long low, long high, String what) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + low + ".." + high + ")");
        }
    }

    /// How a payload is sent.
    public enum Kind {
        /// One JSON text.
        WHOLE_JSON,
        /// Server-sent events, end mark included.
        EVENT_STREAM
    }
}
