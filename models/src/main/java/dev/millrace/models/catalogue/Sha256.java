package dev.millrace.models.catalogue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/// Digests of files, as 64 lower-case hex digits; a path is built from nothing else.
final class Sha256 {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final int BUFFER_BYTES = 1 << 20;

    private Sha256() {}

    static boolean isHex(String text) {
        return HEX.matcher(text).matches();
    }

    static String requireHex(String text) {
        if (!isHex(text)) {
            throw new IllegalArgumentException("sha256: not 64 lower-case hex digits");
        }
        return text;
    }

    /// Reads a whole file. Interrupting the thread ends it.
    ///
    /// @param progress told the bytes of each piece that was read
    static String of(Path file, LongConsumer progress) throws IOException {
        MessageDigest digest = digest();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            while (channel.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
                progress.accept(buffer.limit());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String ofText(String text) {
        return HexFormat.of().formatHex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
