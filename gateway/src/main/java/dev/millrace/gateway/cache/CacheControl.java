package dev.millrace.gateway.cache;

import java.util.Locale;

/// What a request's `Cache-Control` header asks for, as RFC 9111 and RFC 5861 name it. *Immutable.*
///
/// @param noStore neither read nor store
/// @param noCache do not read; storing is allowed
/// @param onlyIfCached answer from the cache or not at all
/// @param maxAgeSeconds oldest acceptable answer, or [#NOT_GIVEN]
/// @param minFreshSeconds life that an answer must still have, or [#NOT_GIVEN]
/// @param maxStaleSeconds how far past its life an answer may be, [#NO_LIMIT], or [#NOT_GIVEN]
/// @param staleIfErrorSeconds the same, but only where there is no other answer, or [#NOT_GIVEN]
public record CacheControl(
        boolean noStore,
        boolean noCache,
        boolean onlyIfCached,
        long maxAgeSeconds,
        long minFreshSeconds,
        long maxStaleSeconds,
        long staleIfErrorSeconds) {
    /// Longest header that is read, in characters.
    public static final int MAX_LENGTH = 1024;

    /// The directive is absent.
    public static final long NOT_GIVEN = -1;

    /// A number of seconds above all others, as RFC 9111, 1.2.2 has it.
    public static final long NO_LIMIT = 1L << 31;

    /// No header.
    public static final CacheControl NONE =
            new CacheControl(false, false, false, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN);

    /// Asks to be left out of the cache.
    private static final CacheControl NO_STORE =
            new CacheControl(true, false, false, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN);

    /// Reads a header; several are joined by commas first. Nothing is refused: unknown directives are skipped, and
    /// what cannot be understood is taken in its most careful sense, a header above [#MAX_LENGTH] as `no-store`.
    public static CacheControl parse(String header) {
        if (header.length() > MAX_LENGTH) {
            return NO_STORE;
        }
        return new Parser(header).read();
    }

    /// One pass over one header. *Confined to one thread.*
    private static final class Parser {
        private final String header;
        private boolean quotesCount = true;
        private boolean noStore;
        private boolean noCache;
        private boolean onlyIfCached;
        private long maxAge = NOT_GIVEN;
        private long minFresh = NOT_GIVEN;
        private long maxStale = NOT_GIVEN;
        private long staleIfError = NOT_GIVEN;

        Parser(String header) {
            this.header = header;
        }

        CacheControl read() {
            for (int start = 0; start < header.length(); ) {
                int end = start;
                while (end < header.length() && header.charAt(end) != ',') {
                    end = header.charAt(end) == '"' ? afterQuote(end) : end + 1;
                }
                directive(header.substring(start, end));
                start = end + 1;
            }
            return new CacheControl(noStore, noCache, onlyIfCached, maxAge, minFresh, maxStale, staleIfError);
        }

        /// The place after the quoted text that starts here. A quote that nothing closes is no quote: what follows
        /// must not hide in it.
        private int afterQuote(int open) {
            for (int i = open + 1; i < header.length() && quotesCount; i++) {
                switch (header.charAt(i)) {
                    case '"' -> {
                        return i + 1;
                    }
                    case '\\' -> i++;
                    default -> {}
                }
            }
            quotesCount = false;
            return open + 1;
        }

        private void directive(String text) {
            int equals = text.indexOf('=');
            String name =
                    (equals < 0 ? text : text.substring(0, equals)).strip().toLowerCase(Locale.ROOT);
            String value = equals < 0 ? "" : unquoted(text.substring(equals + 1).strip());
            switch (name) {
                case "no-store" -> noStore = true;
                case "no-cache" -> noCache = true;
                case "only-if-cached" -> onlyIfCached = true;
                case "max-age" -> maxAge = least(maxAge, seconds(value, 0));
                case "min-fresh" -> minFresh = Math.max(minFresh, seconds(value, NO_LIMIT));
                case "max-stale" -> maxStale = least(maxStale, equals < 0 ? NO_LIMIT : seconds(value, 0));
                case "stale-if-error" -> staleIfError = least(staleIfError, seconds(value, 0));
                default -> {}
            }
        }

        private static long least(long before, long now) {
            return before == NOT_GIVEN ? now : Math.min(before, now);
        }

        private static long seconds(String value, long ifNotANumber) {
            if (value.isEmpty()) {
                return ifNotANumber;
            }
            long seconds = 0;
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c < '0' || c > '9') {
                    return ifNotANumber;
                }
                seconds = Math.min(10 * seconds + c - '0', NO_LIMIT);
            }
            return seconds;
        }

        private static String unquoted(String value) {
            return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
                    ? value.substring(1, value.length() - 1)
                    : value;
        }
    }
}
