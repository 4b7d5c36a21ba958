package dev.millrace.gateway.admission;

/// How many requests may hold a place at once: a constant, or an algorithm that learns it.
/// *Confined to the owner of the policy*, which asks before each decision.
public interface LimitSource {
    /// The limit now, 1 or more. It changes only within [#sample]. Below what is in flight, nobody is
    /// admitted until enough have ended.
    int limit();

    /// A place was given back.
    ///
    /// @param rttNanos how long the answer took, in the sense that the algorithm is about
    /// @param inFlight how many held a place, this one included
    /// @param dropped true if overload ended the request
    void sample(long rttNanos, int inFlight, boolean dropped);

    /// A limit that stays.
    static LimitSource fixed(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: >= 1)");
        }
        return new LimitSource() {
            @Override
            public int limit() {
                return limit;
            }

            @Override
            public void sample(long rttNanos, int inFlight, boolean dropped) {
                // It does not learn.
            }
        };
    }
}
