package dev.millrace.engine;

import java.util.List;

/// The log-probability of a chosen token and of its strongest rivals, from the model's unmodified distribution.
/// *Immutable.*
///
/// @param top the most likely tokens, best first; as many as asked for
public record TokenLogprob(TokenChance chosen, List<TokenChance> top) {
    public TokenLogprob {
        top = List.copyOf(top);
    }

    /// One token and its natural-log probability.
    ///
    /// @param bytes the token's own bytes, which need not be whole characters
    public record TokenChance(int tokenId, Bytes bytes, float logprob) {}

    /// Immutable bytes with value equality.
    public record Bytes(java.nio.ByteBuffer buffer) {
        public Bytes {
            buffer = buffer.asReadOnlyBuffer();
        }

        /// Wraps a copy of `bytes`.
        public static Bytes of(byte[] bytes) {
            return new Bytes(java.nio.ByteBuffer.wrap(bytes.clone()));
        }
    }
}
