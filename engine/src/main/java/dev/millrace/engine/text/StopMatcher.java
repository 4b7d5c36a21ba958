package dev.millrace.engine.text;

/// Finds one stop string in a stream of bytes (Knuth, Morris, Pratt). *Confined to the engine thread.*
///
/// One matcher per stop string instead of one automaton for all: 16 stop strings of 1,024 bytes would need a 16
/// MiB transition table per sequence, and the usual answer has at most four short ones.
final class StopMatcher {
    private final byte[] stop;
    /// `borders[n]`: length of the longest proper prefix of the first `n` bytes that is also their end.
    private final int[] borders;

    private int progress;

    StopMatcher(byte[] stop) {
        if (stop.length == 0) {
            throw new IllegalArgumentException("stop: 0 bytes (expected: >= 1)");
        }
        this.stop = stop.clone();
        this.borders = borders(this.stop);
    }

    /// True if `b` completes the stop string.
    boolean next(byte b) {
        while (progress > 0 && stop[progress] != b) {
            progress = borders[progress];
        }
        if (stop[progress] == b) {
            progress++;
        }
        if (progress < stop.length) {
            return false;
        }
        progress = 0;
        return true;
    }

    /// How many of the latest bytes are the beginning of the stop string.
    int progress() {
        return progress;
    }

    int length() {
        return stop.length;
    }

    void forget() {
        progress = 0;
    }

    private static int[] borders(byte[] stop) {
        int[] borders = new int[stop.length + 1];
        int length = 0;
        for (int i = 1; i < stop.length; i++) {
            while (length > 0 && stop[length] != stop[i]) {
                length = borders[length];
            }
            if (stop[length] == stop[i]) {
                length++;
            }
            borders[i + 1] = length;
        }
        return borders;
    }
}
