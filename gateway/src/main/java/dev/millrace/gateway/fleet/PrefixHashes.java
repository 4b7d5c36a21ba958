package dev.millrace.gateway.fleet;

/// Hashes of the growing beginnings of a prompt, for [Policy#PREFIX]. Stateless.
///
/// Whole blocks count, so that a prompt has the hashes of every prompt that it continues. Each hash covers all bytes before
/// it, not its block alone: prompts that begin differently have nothing in common, however alike they go on.
public final class PrefixHashes {
    /// Bytes of one block: some fifty tokens of text, less than most system prompts.
    public static final int BLOCK_BYTES = 256;

    private static final long[] NONE = {};
    private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;

    private PrefixHashes() {}

    /// The hashes of the whole blocks of `bytes` from `from` to `to`, at most [Ask#MOST_BLOCKS].
    public static long[] of(byte[] bytes, int from, int to) {
        int blocks = Math.min((to - from) / BLOCK_BYTES, Ask.MOST_BLOCKS);
        if (blocks <= 0) {
            return NONE;
        }
        long[] hashes = new long[blocks];
        long hash = MULTIPLIER;
        int at = from;
        for (int block = 0; block < blocks; block++) {
            for (int end = at + BLOCK_BYTES; at < end; at++) {
                hash = (hash ^ (bytes[at] & 0xff)) * MULTIPLIER;
                hash ^= hash >>> 29;
            }
            hashes[block] = hash;
        }
        return hashes;
    }
}
