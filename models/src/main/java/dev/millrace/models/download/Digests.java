package dev.millrace.models.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// sha256, of files and of names.
final class Digests {
    private static final int BUFFER = 1 << 20;

    private Digests() {}

    /// The digest of the bytes on the disk.
    static String sha256(Path file, long size, ProgressBoard board, StopSignal stop) throws IOException, PullException {
        MessageDigest digest = algorithm();
        byte[] buffer = new byte[BUFFER];
        long read = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                stop.check();
                digest.update(buffer, 0, n);
                read += n;
                board.verified(n);
                board.reportNowAndThen();
            }
        }
        if (read != size) {
            throw new PullException(
                    PullError.STORAGE_FAILED, "the file has " + read + " bytes on the disk, expected were " + size);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// The digest of a text.
    static String sha256(String text) {
        return HexFormat.of().formatHex(algorithm().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static MessageDigest algorithm() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
