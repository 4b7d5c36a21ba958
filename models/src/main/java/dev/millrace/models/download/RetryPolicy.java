package dev.millrace.models.download;

import java.time.Duration;

/// What follows a request that failed. Pure.
record RetryPolicy(PullLimits limits) {
    /// What to do next.
    sealed interface Next {
        /// Try again after this time.
        record Again(Duration pause) implements Next {}

        /// End the pull.
        record GiveUp(PullError error, String message) implements Next {}
    }

    /// Decides.
    ///
    /// @param failures in a row without progress, this one included
    /// @param chance 0..1, spreads the tries of many clients
    Next after(Trouble trouble, int failures, double chance) {
        if (trouble.retryAfter().compareTo(limits.longestRetryAfter()) > 0) {
            return new Next.GiveUp(
                    PullError.UPSTREAM_ERROR,
                    trouble.words() + " and asks to come back in "
                            + trouble.retryAfter().toSeconds() + " s");
        }
        if (failures >= limits.tries()) {
            return new Next.GiveUp(
                    trouble.kind() == Trouble.Kind.STALL ? PullError.STALLED : PullError.UPSTREAM_ERROR,
                    trouble.words() + ", " + failures + (failures == 1 ? " time" : " times in a row"));
        }
        Duration backoff = limits.firstWait().multipliedBy(1L << Math.min(20, failures - 1));
        Duration bounded = backoff.compareTo(limits.longestWait()) > 0 ? limits.longestWait() : backoff;
        Duration spread = Duration.ofNanos((long) (bounded.toNanos() * (0.5 + 0.5 * chance)));
        return new Next.Again(spread.compareTo(trouble.retryAfter()) > 0 ? spread : trouble.retryAfter());
    }
}
