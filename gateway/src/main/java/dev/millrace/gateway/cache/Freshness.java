package dev.millrace.gateway.cache;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long answers live, and how a stored one stands now. *Immutable.*
///
/// Time is passed in. An answer's age is counted on the monotonic clock from the moment this process got hold of it,
/// so a wall clock that is set forwards or back moves no life of a local answer. Wall time is read once, when an
/// answer arrives from the shared tier, and an answer from the future counts as new.
///
/// @param ttl an answer's life, before its own share of chance
/// @param staleWindow how long past its life it may still be served, at most; zero turns that off
public record Freshness(Duration ttl, Duration staleWindow) {
    /// Longest life.
    public static final Duration MAX_TTL = Duration.ofDays(30);

    /// Five minutes, nothing stale.
    public static final Freshness DEFAULT = new Freshness(Duration.ofMinutes(5), Duration.ZERO);

    private static final int NANOS_PER_MILLI = 1_000_000;

    public Freshness {
        if (ttl.toMillis() < 1 || ttl.compareTo(MAX_TTL) > 0) {
            throw new IllegalArgumentException("ttl: " + ttl + " (expected: 1 ms.." + MAX_TTL + ")");
        }
        if (staleWindow.isNegative() || staleWindow.compareTo(MAX_TTL) > 0) {
            throw new IllegalArgumentException("staleWindow: " + staleWindow + " (expected: 0.." + MAX_TTL + ")");
        }
    }

    /// Draws the life of one answer, within 10 % of [#ttl()]: answers stored together must not all end together.
    public long drawTtlMillis(RandomGenerator random) {
        long middle = ttl.toMillis();
        long tenth = middle / 10;
        return middle + random.nextLong(-tenth, tenth + 1);
    }

    /// How an answer stands at a reading of the monotonic clock.
    public Reading read(Life life, long nowNanos) {
        long age = life.ageMillis() + Math.max(0, nowNanos - life.sinceNanos()) / NANOS_PER_MILLI;
        long left = life.ttlMillis() - age;
        State state;
        if (left > life.ttlMillis() / 10) {
            state = State.FRESH;
        } else if (left > 0) {
            state = State.REFRESH_AHEAD;
        } else {
            state = -left < staleWindow.toMillis() ? State.STALE_USABLE : State.EXPIRED;
        }
        return new Reading(state, age, left);
    }

    /// How an answer stands.
    public enum State {
        /// To be served.
        FRESH,
        /// To be served, and soon over: one caller should compute it anew, see [SingleFlight#claimRefresh].
        REFRESH_AHEAD,
        /// Past its life, and to be served all the same while one caller computes it anew.
        STALE_USABLE,
        /// Over.
        EXPIRED
    }

    /// One look at one answer. *Immutable.*
    ///
    /// @param ageMillis since it was computed
    /// @param leftMillis of its life; zero or less once that is over
    public record Reading(State state, long ageMillis, long leftMillis) {}

    /// The life of one answer as this process counts it. *Immutable.*
    ///
    /// @param sinceNanos monotonic reading when this process got hold of the answer
    /// @param ageMillis its age then
    /// @param ttlMillis its whole life
    public record Life(long sinceNanos, long ageMillis, long ttlMillis) {
        public Life {
            if (ageMillis < 0 || ttlMillis < 1) {
                throw new IllegalArgumentException(
                        "life: " + ageMillis + " of " + ttlMillis + " ms (expected: 0 or more of 1 or more)");
            }
        }

        /// Of an answer that was computed here.
        public static Life local(long nowNanos, long ttlMillis) {
            return new Life(nowNanos, 0, ttlMillis);
        }

        /// Of an answer that came from the shared tier.
        public static Life shared(StoredAnswer answer, long nowEpochMillis, long nowNanos) {
            long age = Math.max(0, nowEpochMillis - answer.createdEpochMillis());
            return new Life(nowNanos, age, answer.ttlMillis());
        }
    }
}
