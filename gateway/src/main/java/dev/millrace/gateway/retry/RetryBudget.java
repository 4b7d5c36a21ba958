package dev.millrace.gateway.retry;

/// How many retries there may be, so that they cannot multiply the load of an upstream that fails because of load.
/// *Confined to its owner.*
///
/// A bucket of tokens: each request puts `ratio` of one in, each retry takes one out. It starts with the reserve, so
/// that at any time retries <= ratio * requests + reserve. It holds at most ten reserves: the requests that an endpoint
/// loses when it dies come at once, and a busy gateway has earned their retries before.
public final class RetryBudget {
    // Whole numbers: sums of a fraction drift.
    private static final long TOKEN = 1_000;
    private static final int BURST = 10;

    private final long deposit;
    private final long most;
    private long left;
    private long refused;

    /// @param ratio retries per request, 0 to 1, in steps of a thousandth
    /// @param reserve retries that may be made without any request before; at least 0
    public RetryBudget(double ratio, int reserve) {
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("ratio: " + ratio + " (expected: 0..1)");
        }
        if (reserve < 0) {
            throw new IllegalArgumentException("reserve: " + reserve + " (expected: >= 0)");
        }
        deposit = Math.round(ratio * TOKEN);
        left = reserve * TOKEN;
        most = BURST * TOKEN * Math.max(1, reserve);
    }

    /// A request has come; retries are none.
    public void requested() {
        left = Math.min(most, left + deposit);
    }

    /// @return true if a retry may be made; it is counted
    public boolean take() {
        if (left < TOKEN) {
            refused++;
            return false;
        }
        left -= TOKEN;
        return true;
    }

    /// How many retries were not allowed so far.
    public long refused() {
        return refused;
    }
}
