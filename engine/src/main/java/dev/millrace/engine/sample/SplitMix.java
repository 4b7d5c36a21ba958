package dev.millrace.engine.sample;

/// The SplitMix64 generator: our own few lines, so that a seed means the same tokens on every JDK. *Confined to
/// the engine thread.*
final class SplitMix {
    private long state;

    SplitMix(long seed) {
        state = seed;
    }

    /// Uniform in 0 (inclusive) to 1 (exclusive).
    double next() {
        state += 0x9e3779b97f4a7c15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        z ^= z >>> 31;
        return (z >>> 11) * 0x1.0p-53;
    }
}
