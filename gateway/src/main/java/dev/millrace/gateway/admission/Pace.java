package dev.millrace.gateway.admission;

/// How fast places come back: an exponentially weighted mean of how long they are held.
/// *Confined to the owner of the policy.*
///
/// The time a place is held and not the time between two returns: that one is known before anybody waits,
/// does not depend on how busy the server was, and works for the limits of a key or a model as well.
final class Pace {
    private static final double NEW_SHARE = 1.0 / 16;
    /// Before anything has ended.
    private static final double FIRST_GUESS_NANOS = 1e9;

    private double holdNanos;
    private boolean known;

    void held(long nanos) {
        holdNanos = known ? holdNanos + (nanos - holdNanos) * NEW_SHARE : nanos;
        known = true;
    }

    /// How long until so many have been served by so many places.
    long estimateNanos(int requests, int places) {
        return (long) (requests * (known ? holdNanos : FIRST_GUESS_NANOS) / places);
    }
}
