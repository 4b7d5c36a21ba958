package dev.millrace.llama.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads the regular files of a tar stream one after another. Confined to one thread.
///
/// Only what archives of packages hold: ustar headers of regular files. Directories and extension headers are
/// skipped; links are, too, so nothing can point out of the directory that somebody unpacks to.
final class TarReader {
    private static final int BLOCK = 512;
    private static final long MAX_FILE_BYTES = 1L << 31;

    private final InputStream in;
    private long unread;
    private long padding;

    TarReader(InputStream in) {
        this.in = in;
    }

    /// @param bytes size of the content
    record Entry(String name, long bytes) {}

    /// The next regular file, or `null` at the end.
    ///
    /// @throws NativesException if the stream is no tar archive or ends too early
    @Nullable
    Entry next() throws IOException {
        while (true) {
            in.skipNBytes(unread + padding);
            byte[] header = in.readNBytes(BLOCK);
            if (header.length == 0 || isZero(header)) {
                return null;
            }
            if (header.length < BLOCK || !checksumIsRight(header)) {
                throw new NativesException("not a tar archive, or a damaged one");
            }
            unread = octal(header, 124, 12);
            padding = Math.floorMod(-unread, (long) BLOCK);
            byte type = header[156];
            if (type == '0' || type == 0) {
                return new Entry(name(header), unread);
            }
        }
    }

    /// The content of the current file.
    InputStream content() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (unread == 0) {
                    return -1;
                }
                int count = in.read(target, offset, (int) Math.min(length, unread));
                if (count < 0) {
                    throw new NativesException("the archive ends in the middle of a file");
                }
                unread -= count;
                return count;
            }
        };
    }

    private static String name(byte[] header) {
        String name = string(header, 0, 100);
        boolean ustar = string(header, 257, 5).equals("ustar");
        String prefix = ustar ? string(header, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String string(byte[] header, int from, int length) {
        int end = from;
        while (end < from + length && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.UTF_8);
    }

    private static long octal(byte[] header, int from, int length) throws NativesException {
        String digits = string(header, from, length).strip();
        try {
            long value = digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
            if (value < 0 || value > MAX_FILE_BYTES) {
                throw new NativesException("file size in archive: " + value + " (expected: 0.." + MAX_FILE_BYTES + ")");
            }
            return value;
        } catch (NumberFormatException e) {
            throw new NativesException("number in tar header: '" + digits + "'", e);
        }
    }

    private static boolean checksumIsRight(byte[] header) throws NativesException {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
        }
        return sum == octal(header, 148, 8);
    }

    private static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
