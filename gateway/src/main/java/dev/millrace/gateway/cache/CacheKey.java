package dev.millrace.gateway.cache;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/// Names the answer to one request: SHA-256 over everything that decides it. *Immutable.*
///
/// Each part goes in behind its length, so bytes cannot move from one part to the next and give the same key.
///
/// ```java
/// CacheKey key = CacheKey.of(scope, canonicalBody);
/// ```
///
/// @param first the digest's first eight bytes, big-endian; the others follow
public record CacheKey(long first, long second, long third, long fourth) {
    /// Bytes of a key.
    public static final int BYTES = 32;

    // To be raised with every change of what goes in, of its order, or of the canonical form of a body.
    private static final int VERSION = 1;

    /// The key of a request.
    ///
    /// @param canonicalBody the whole body in its one form, members that nobody knows included
    public static CacheKey of(CacheScope scope, byte[] canonicalBody) {
        MessageDigest digest = Seal.sha256();
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(VERSION).array());
        part(digest, scope.tenant());
        part(digest, scope.operation());
        part(digest, scope.modelDigest());
        part(digest, scope.templateDigest());
        part(digest, scope.engineBuild());
        part(digest, canonicalBody);
        return ofBytes(digest.digest(), 0);
    }

    /// Reads a key back from its [#hex()].
    ///
    /// @return empty if `text` is anything but 64 lower-case hexadecimal digits
    public static Optional<CacheKey> parse(String text) {
        requireNonNull(text, "text");
        if (text.length() != 2 * BYTES
                || !text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return Optional.empty();
        }
        return Optional.of(ofBytes(HexFormat.of().parseHex(text), 0));
    }

    static CacheKey ofBytes(byte[] bytes, int offset) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, BYTES);
        return new CacheKey(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
    }

    /// The 32 bytes; for the caller alone.
    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .putLong(first)
                .putLong(second)
                .putLong(third)
                .putLong(fourth)
                .array();
    }

    /// The bytes as 64 lower-case hexadecimal digits.
    public String hex() {
        return HexFormat.of().formatHex(bytes());
    }

    /// Any part of a SHA-256 digest is spread as evenly as all of it.
    @Override
    public int hashCode() {
        return (int) first;
    }

    @Override
    public String toString() {
        return hex();
    }

    private static void part(MessageDigest digest, String text) {
        part(digest, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void part(MessageDigest digest, byte[] bytes) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }
}
