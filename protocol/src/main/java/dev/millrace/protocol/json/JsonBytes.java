package dev.millrace.protocol.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A growing buffer that JSON is written into as UTF-8, by hand: the caller writes punctuation, this class escapes
/// strings and formats numbers. *Confined to one thread at a time.*
///
/// ```java
/// var out = new JsonBytes(256);
/// out.ascii("{\"text\":").string(text).ascii("}");
/// ```
public final class JsonBytes {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_LONG_DIGITS = 20;

    private byte[] bytes;
    private int size;

    /// @param capacity expected size in bytes
    public JsonBytes(int capacity) {
        bytes = new byte[Math.max(capacity, 16)];
    }

    /// Number of bytes written.
    public int size() {
        return size;
    }

    /// True if the last byte written is this ASCII character.
    public boolean endsWith(char c) {
        return size > 0 && bytes[size - 1] == (byte) c;
    }

    /// Forgets what was written and keeps the memory.
    public void clear() {
        size = 0;
    }

    /// The bytes written so far, copied.
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /// Appends prepared bytes.
    public JsonBytes raw(byte[] prepared) {
        return raw(prepared, 0, prepared.length);
    }

    /// Appends the prepared bytes from `from` to `to`.
    public JsonBytes raw(byte[] prepared, int from, int to) {
        int length = to - from;
        reserve(length);
        System.arraycopy(prepared, from, bytes, size, length);
        size += length;
        return this;
    }

    /// Appends text that is ASCII and needs no escaping.
    public JsonBytes ascii(String text) {
        int length = text.length();
        reserve(length);
        for (int i = 0; i < length; i++) {
            bytes[size + i] = (byte) text.charAt(i);
        }
        size += length;
        return this;
    }

    /// Appends a quoted string, or `null`.
    public JsonBytes stringOrNull(@org.jspecify.annotations.Nullable String text) {
        return text == null ? ascii("null") : string(text);
    }

    /// Appends a quoted, escaped string. A surrogate without its partner becomes U+FFFD, so the bytes are always
    /// UTF-8.
    public JsonBytes string(CharSequence text) {
        put('"');
        escaped(text);
        put('"');
        return this;
    }

    /// Appends escaped text without quotes, for a string that is written in pieces.
    public JsonBytes escaped(CharSequence text) {
        int length = text.length();
        reserve(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
                put(c);
            } else if (c < 0x80) {
                escape(c);
            } else if (c < 0x800) {
                put(0xc0 | c >> 6);
                put(0x80 | (c & 0x3f));
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                supplementary(Character.toCodePoint(c, text.charAt(i + 1)));
                i++;
            } else {
                char shown = Character.isSurrogate(c) ? '\ufffd' : c;
                put(0xe0 | shown >> 12);
                put(0x80 | (shown >> 6 & 0x3f));
                put(0x80 | (shown & 0x3f));
            }
        }
        return this;
    }

    /// Appends a whole number.
    public JsonBytes number(long value) {
        reserve(MAX_LONG_DIGITS);
        if (value < 0) {
            return ascii(Long.toString(value));
        }
        int digits = 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int i = size + digits - 1; i >= size; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
        return this;
    }

    /// Appends a number of thousandths as a decimal: 1234 as `1.234`.
    public JsonBytes thousandths(long value) {
        number(value / 1000);
        long fraction = Math.abs(value % 1000);
        put('.');
        put('0' + (int) (fraction / 100));
        put('0' + (int) (fraction / 10 % 10));
        put('0' + (int) (fraction % 10));
        return this;
    }

    /// Appends a real number; what JSON cannot say (infinities, NaN) becomes -9999, as OpenAI answers it.
    public JsonBytes real(float value) {
        return ascii(Float.isFinite(value) ? Float.toString(value) : "-9999.0");
    }

    private void escape(char c) {
        put('\\');
        switch (c) {
            case '"', '\\' -> put(c);
            case '\n' -> put('n');
            case '\r' -> put('r');
            case '\t' -> put('t');
            default -> {
                put('u');
                put('0');
                put('0');
                put(HEX[c >> 4]);
                put(HEX[c & 0xf]);
            }
        }
    }

    private void supplementary(int codePoint) {
        put(0xf0 | codePoint >> 18);
        put(0x80 | (codePoint >> 12 & 0x3f));
        put(0x80 | (codePoint >> 6 & 0x3f));
        put(0x80 | (codePoint & 0x3f));
    }

    private void put(int b) {
        if (size == bytes.length) {
            reserve(16);
        }
        bytes[size++] = (byte) b;
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
        }
    }
}
