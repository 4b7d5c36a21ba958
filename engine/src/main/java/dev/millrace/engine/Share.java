package dev.millrace.engine;

/// Whose share of the engine a request uses. *Immutable.*
///
/// @param key requests with the same key share one part
/// @param weight how large a part, relative to other keys; 1 = normal, 0.01..100
public record Share(String key, float weight) {
    /// Everyone the same.
    public static final Share DEFAULT = new Share("", 1);

    public Share {
        if (!(weight >= 0.01f && weight <= 100)) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 0.01..100)");
        }
    }
}
