package dev.millrace.gateway.cache;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/// What the operator allows the response cache. *Immutable.*
///
/// @param mode which requests take part
/// @param staleWindow how long past its life an answer may still be served, at most; zero turns that off
/// @param maxChoices most answers per request (`n`)
/// @param streams answers that are sent as they come take part too
public record CachePolicy(Mode mode, Duration staleWindow, int maxChoices, boolean streams) {
    /// Only what gives the same answer again, nothing stale.
    public static final CachePolicy DEFAULT = new CachePolicy(Mode.DETERMINISTIC, Duration.ZERO, 8, true);

    public CachePolicy {
        requireNonNull(mode, "mode");
        if (staleWindow.isNegative() || staleWindow.compareTo(Freshness.MAX_TTL) > 0) {
            throw new IllegalArgumentException(
                    "staleWindow: " + staleWindow + " (expected: 0.." + Freshness.MAX_TTL + ")");
        }
        if (maxChoices < 1) {
            throw new IllegalArgumentException("maxChoices: " + maxChoices + " (expected: at least 1)");
        }
    }

    /// Which requests take part.
    public enum Mode {
        /// None.
        OFF,
        /// Those with temperature 0 or a seed, both given by the request, and those that ask for a cached answer.
        DETERMINISTIC,
        /// Also those whose answer is drawn anew each time: asking again then gives the same answer for a while.
        ALL
    }
}
