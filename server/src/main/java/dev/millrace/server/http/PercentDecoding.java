package dev.millrace.server.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Decodes `%2F` and the like in the one place of a path that may hold them: a model's name.
final class PercentDecoding {
    private PercentDecoding() {}

    /// The decoded text; `null` if it is not printable ASCII or badly encoded.
    static @Nullable String decode(String text) {
        byte[] bytes = new byte[text.length()];
        int size = 0;
        for (int i = 0; i < text.length(); i++) {
            int c = text.charAt(i);
            if (c == '%') {
                c = hexAt(text, i + 1);
                i += 2;
            }
            if (c <= ' ' || c >= 0x7f) {
                return null;
            }
            bytes[size++] = (byte) c;
        }
        return new String(bytes, 0, size, StandardCharsets.US_ASCII);
    }

    private static int hexAt(String text, int index) {
        if (index + 2 > text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(index), 16);
        int low = Character.digit(text.charAt(index + 1), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
}
