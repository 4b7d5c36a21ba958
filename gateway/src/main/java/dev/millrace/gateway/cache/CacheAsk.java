package dev.millrace.gateway.cache;

import java.util.Locale;

/// What one request says that decides whether the cache may take part. *Immutable.*
///
/// @param temperature as the request gives it, before any default
/// @param seeded the request gives a seed
/// @param choices answers asked for (`n`), at least 1
/// @param stream the answer is sent as it comes
/// @param control its `Cache-Control` header
/// @param wish its `x-millrace-cache` header
public record CacheAsk(
        Temperature temperature, boolean seeded, int choices, boolean stream, CacheControl control, Wish wish) {
    public CacheAsk {
        if (choices < 1) {
            throw new IllegalArgumentException("choices: " + choices + " (expected: at least 1)");
        }
    }

    /// How much is left to chance. An omitted temperature is not 0: the model's default applies, and may change.
    public enum Temperature {
        /// Nothing is drawn at all, as for embeddings.
        NOT_SAMPLED,
        /// Not given.
        OMITTED,
        /// Given as 0.
        ZERO,
        /// Given, and not 0.
        ABOVE_ZERO
    }

    /// What the header `x-millrace-cache` says.
    public enum Wish {
        /// Nothing, or nothing known.
        NONE,
        /// `on`: an answer that was drawn is welcome again.
        ON,
        /// `off`: leave the cache out.
        OFF,
        /// `refresh`: compute it, and keep that.
        REFRESH;

        /// Reads the header's value in any case.
        public static Wish parse(String header) {
            return switch (header.strip().toLowerCase(Locale.ROOT)) {
                case "on" -> ON;
                case "off" -> OFF;
                case "refresh" -> REFRESH;
                default -> NONE;
            };
        }
    }
}
