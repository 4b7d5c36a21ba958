package dev.millrace.engine.simulated;

/// Hashes for what is made up.
final class SplitMix {
    private SplitMix() {}

    /// Finalizer of splitmix64 (Steele, Lea, Flood 2014): spreads every input bit over the whole word.
    static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
        return b ^ (b >>> 31);
    }
}
