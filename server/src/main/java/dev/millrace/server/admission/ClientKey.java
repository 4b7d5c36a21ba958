package dev.millrace.server.admission;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// On whose account a request goes, as long as there are no API keys of this server's own.
public final class ClientKey {
    /// Of all who say nothing about themselves. Not the peer's address: behind a proxy all have the same, and behind
    /// a network address translation many do.
    public static final String ANONYMOUS = "anonymous";

    private ClientKey() {}

    /// @param authorization the header, if it was sent; it is not kept, only its digest is
    public static String of(@Nullable String authorization) {
        if (authorization == null || authorization.isBlank()) {
            return ANONYMOUS;
        }
        byte[] bytes = authorization.getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
