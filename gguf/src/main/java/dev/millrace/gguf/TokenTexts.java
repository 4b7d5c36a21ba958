package dev.millrace.gguf;

import java.io.IOException;
import java.util.Arrays;

/// Tells whether two tokens of a vocabulary are equal, over which llama.cpp ends the process: it asserts that a token
/// can be found again by its text (`id_to_token.size() == token_to_id.size()`, in 0.5.0 as in b4916). Eight bytes are
/// kept of each token, so that of 262,144 different ones two are taken for equal once in 500 million vocabularies.
/// *Confined to one thread.*
final class TokenTexts {
    /// Whose texts they are.
    static final String KEY = "tokenizer.ggml.tokens";

    /// The largest known vocabularies have less than a million.
    static final int MAX_TOKENS = 1 << 21;

    // FNV-1a, 64 bits.
    private static final long BASIS = 0xcbf2_9ce4_8422_2325L;
    private static final long PRIME = 0x100_0000_01b3L;

    private final byte[] chunk = new byte[64];
    private final long[] marks;
    private int count;

    /// @param tokens how many are read at most
    TokenTexts(int tokens) {
        marks = new long[tokens];
    }

    /// Reads the next one.
    void read(GgufInput in, long length) throws IOException {
        long mark = BASIS;
        boolean over = false;
        for (long left = length; left > 0; left -= chunk.length) {
            int step = (int) Math.min(left, chunk.length);
            in.readBytes(chunk, step);
            for (int i = 0; i < step && !over; i++) {
                // llama.cpp reads a token as a text of C.
                over = chunk[i] == 0;
                mark = over ? mark : (mark ^ (chunk[i] & 0xff)) * PRIME;
            }
        }
        // Empty ones it names by their numbers.
        if (mark != BASIS) {
            marks[count++] = mark;
        }
    }

    /// Whether two of those read are equal.
    boolean repeated() {
        Arrays.sort(marks, 0, count);
        for (int i = 1; i < count; i++) {
            if (marks[i] == marks[i - 1]) {
                return true;
            }
        }
        return false;
    }
}
