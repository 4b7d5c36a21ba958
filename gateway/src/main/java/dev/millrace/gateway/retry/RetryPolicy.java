package dev.millrace.gateway.retry;

import java.util.random.RandomGenerator;

/// Whether a request that failed is sent again, where, and when. Keeps nothing between calls but its source of chance.
/// *Confined to its owner.*
///
/// ## The rules
/// - What the client has seen cannot be taken back: then the fault is the answer. So it is when the request itself is
///   at fault, and when a route was silent: the next one would cost the client the same time again.
/// - Another endpoint is asked at once. The same one is asked again after a wait that is drawn between nothing and a
///   bound that doubles (full jitter), so that those who failed together do not come back together.
/// - Who says when to come back is not asked before. If that is too late, the fault is the answer.
/// - A model that is not held where it was said to be is asked for elsewhere, but only after the first attempt: the
///   table is wrong then, not the fleet.
/// - Attempts are bounded, the deadline holds, and retries need a token of the budget, except the two that cost no
///   upstream any work: after a stale connection, and for a wrong model. Bounds on attempts hold for these, too.
public final class RetryPolicy {
    private static final RetryDecision GIVE_UP = new RetryDecision.GiveUp();
    private static final RetryDecision ELSEWHERE = new RetryDecision.Elsewhere(0);
    private static final RetryDecision AT_ONCE = new RetryDecision.SamePlace(0);
    private static final int JITTER_PART = 10;

    private final RetrySettings settings;
    private final RandomGenerator random;

    /// @param random draws the waits
    public RetryPolicy(RetrySettings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
    }

    /// Decides. A token is taken from the budget only for a retry that is made.
    ///
    /// @param attempts how many were made, at least 1
    /// @param shown the client has seen a part of the answer
    /// @param retryAfterNanos what the endpoint said; -1 if it did not
    /// @param remainingNanos what is left of the request's deadline
    /// @param othersLeft another endpoint could take it
    public RetryDecision after(
            Fault fault,
            int attempts,
            boolean shown,
            long retryAfterNanos,
            long remainingNanos,
            boolean othersLeft,
            RetryBudget budget) {
        if (shown || attempts >= settings.mostAttempts() || remainingNanos <= 0) {
            return GIVE_UP;
        }
        return switch (fault) {
            case REFUSED, SILENT -> GIVE_UP;
            case WRONG_MODEL -> othersLeft && attempts == 1 ? ELSEWHERE : GIVE_UP;
            case STALE_CONNECTION -> AT_ONCE;
            case BUSY -> othersLeft ? elsewhere(budget) : later(attempts, retryAfterNanos, remainingNanos, budget);
            case CONNECT, RESET_BEFORE_ANSWER, SERVER_ERROR, MALFORMED, CUT, POOL_EXHAUSTED ->
                othersLeft ? elsewhere(budget) : samePlace(backoff(attempts), remainingNanos, budget);
        };
    }

    private RetryDecision later(int attempts, long retryAfterNanos, long remainingNanos, RetryBudget budget) {
        if (retryAfterNanos < 0) {
            return samePlace(backoff(attempts), remainingNanos, budget);
        }
        if (retryAfterNanos > settings.mostRetryAfterNanos()) {
            return GIVE_UP;
        }
        long spread = Math.max(retryAfterNanos / JITTER_PART, settings.backoffFirstNanos());
        return samePlace(retryAfterNanos + random.nextLong(spread + 1), remainingNanos, budget);
    }

    private long backoff(int attempts) {
        long bound = settings.backoffFirstNanos();
        for (int made = 1; made < attempts && bound < settings.backoffMostNanos(); made++) {
            bound = Math.min(2 * bound, settings.backoffMostNanos());
        }
        return random.nextLong(bound + 1);
    }

    private static RetryDecision elsewhere(RetryBudget budget) {
        return budget.take() ? ELSEWHERE : GIVE_UP;
    }

    private static RetryDecision samePlace(long delayNanos, long remainingNanos, RetryBudget budget) {
        // After a wait up to the deadline, nothing would be left for the attempt.
        if (delayNanos >= remainingNanos || !budget.take()) {
            return GIVE_UP;
        }
        return new RetryDecision.SamePlace(delayNanos);
    }
}
