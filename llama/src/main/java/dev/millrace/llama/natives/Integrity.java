package dev.millrace.llama.natives;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/// Checks content against the hash it is pinned to.
final class Integrity {
    private static final String PREFIX = "sha512-";

    private Integrity() {}

    /// Copies `in` to `out` and checks it on the way.
    ///
    /// @param expected `sha512-` and the hash in base 64
    /// @throws NativesException if the content is another one
    static void copy(InputStream in, OutputStream out, String expected, String what) throws IOException {
        MessageDigest digest = sha512();
        new DigestInputStream(in, digest).transferTo(out);
        String actual = PREFIX + Base64.getEncoder().encodeToString(digest.digest());
        if (!actual.equals(expected)) {
            throw new NativesException(what + " is not the pinned one: " + actual + " (expected: " + expected + ")");
        }
    }

    /// The start of the hash in hex, to name directories by.
    static String shortHash(String integrity) {
        byte[] hash = Base64.getDecoder().decode(integrity.substring(PREFIX.length()));
        return HexFormat.of().formatHex(hash, 0, 6);
    }

    private static MessageDigest sha512() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-512", e);
        }
    }
}
