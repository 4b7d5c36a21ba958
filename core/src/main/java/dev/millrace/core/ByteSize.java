package dev.millrace.core;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of bytes with its unit, read from and written as `8MiB`. *Immutable.*
///
/// @param bytes 0 or more
public record ByteSize(long bytes) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,12})\\s*(B|KiB|MiB|GiB)?");

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
        }
    }

    /// `n` mebibytes.
    public static ByteSize mebibytes(long n) {
        return new ByteSize(n << 20);
    }

    /// Reads `512`, `64KiB`, `8MiB` or `2GiB`.
    ///
    /// @throws IllegalArgumentException if `text` is none of these
    public static ByteSize parse(String text) {
        Matcher m = TEXT.matcher(text.strip());
        if (!m.matches()) {
            throw new IllegalArgumentException("size: '" + text + "' (expected: a number with B, KiB, MiB or GiB)");
        }
        String unit = m.group(2) == null ? "B" : m.group(2);
        int shift = switch (unit) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 0;
        };
        return new ByteSize(Math.multiplyExact(Long.parseLong(m.group(1)), 1L << shift));
    }

    @Override
    public String toString() {
        String[] units = {"GiB", "MiB", "KiB"};
        for (int i = 0; i < units.length; i++) {
            int shift = 30 - 10 * i;
            if (bytes != 0 && bytes % (1L << shift) == 0) {
                return (bytes >> shift) + units[i];
            }
        }
        return String.format(Locale.ROOT, "%dB", bytes);
    }
}
