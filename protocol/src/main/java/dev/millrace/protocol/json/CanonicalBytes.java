package dev.millrace.protocol.json;

import dev.millrace.protocol.json.Canonicalizer.Member;
import java.util.Arrays;

/// The growing text of a canonical form. *Confined to one thread.*
///
/// Apart from [JsonBytes], because each writes every string and number in its own one way.
final class CanonicalBytes {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    private static final int LONGEST_ESCAPE = 6;
    private static final int BEYOND_ANY_EXPONENT = 1_000_000;

    private byte[] bytes;
    private byte[] moved = {};
    private int size;

    CanonicalBytes(int capacity) {
        bytes = new byte[capacity + 16];
    }

    int size() {
        return size;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    void put(int b) {
        reserve(1);
        bytes[size++] = (byte) b;
    }

    void ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            put(text.charAt(i));
        }
    }

    /// Appends a quoted string as RFC 8785 escapes it.
    ///
    /// @return false if a surrogate has no partner, so the text has no UTF-8
    boolean string(char[] text, int offset, int length) {
        int end = offset + length;
        reserve(length + 2);
        bytes[size++] = '"';
        int i = offset;
        while (i < end) {
            char c = text[i++];
            if (c >= ' ' && c < 0x80 && c != '"' && c != '\\') {
                bytes[size++] = (byte) c;
                continue;
            }
            reserve(LONGEST_ESCAPE + end - i + 1);
            if (c < 0x80) {
                escape(c);
            } else if (!Character.isSurrogate(c)) {
                encode(c);
            } else if (Character.isHighSurrogate(c) && i < end && Character.isLowSurrogate(text[i])) {
                encode(Character.toCodePoint(c, text[i++]));
            } else {
                return false;
            }
        }
        bytes[size++] = '"';
        return true;
    }

    /// Appends a number, given as JSON writes it, as its digits without zeros at either end and a power of ten.
    ///
    /// @return false if that is longer than a number may be, or the power is beyond all reason; both depend on the
    ///     value alone, so equal numbers end alike
    boolean number(char[] text, int offset, int length) {
        int end = offset + length;
        int i = offset;
        reserve(length);
        int start = size;
        if (text[i] == '-') {
            bytes[size++] = '-';
            i++;
        }
        int first = size;
        int digitsEnd = i;
        while (digitsEnd < end && text[digitsEnd] != 'e' && text[digitsEnd] != 'E') {
            digitsEnd++;
        }
        int exponent = digits(text, i, digitsEnd) + writtenExponent(text, digitsEnd, end);
        if (size == first) {
            size = start; // zero has no sign and no power
            put('0');
            return true;
        }
        if (Math.abs(exponent) > CanonicalJson.MAX_EXPONENT) {
            return false;
        }
        if (exponent != 0) {
            put('e');
            ascii(Integer.toString(exponent));
        }
        return size - first <= StrictJson.MAX_NUMBER_LENGTH;
    }

    /// Appends the digits that count, and returns the power of ten that they must be multiplied by.
    private int digits(char[] text, int start, int end) {
        int first = size;
        int exponent = 0;
        boolean fraction = false;
        for (int i = start; i < end; i++) {
            char c = text[i];
            if (c == '.') {
                fraction = true;
                continue;
            }
            if (fraction) {
                exponent--;
            }
            if (c != '0' || size > first) {
                bytes[size++] = (byte) c;
            }
        }
        while (size > first && bytes[size - 1] == '0') {
            size--;
            exponent++;
        }
        return exponent;
    }

    /// Puts the members into the order given; they fill the bytes from `start` on, with a comma between any two.
    void arrange(Member[] members, int from, int to, int start) {
        int length = size - start;
        if (moved.length < length) {
            moved = new byte[Math.max(length, 2 * moved.length)];
        }
        System.arraycopy(bytes, start, moved, 0, length);
        int at = start;
        for (int i = from; i < to; i++) {
            if (i > from) {
                bytes[at++] = ',';
            }
            int memberLength = members[i].end() - members[i].start();
            System.arraycopy(moved, members[i].start() - start, bytes, at, memberLength);
            at += memberLength;
        }
    }

    private static int writtenExponent(char[] text, int e, int end) {
        if (e == end) {
            return 0;
        }
        int i = e + 1;
        boolean negative = text[i] == '-';
        if (negative || text[i] == '+') {
            i++;
        }
        int value = 0;
        for (; i < end; i++) {
            value = Math.min(value * 10 + text[i] - '0', BEYOND_ANY_EXPONENT);
        }
        return negative ? -value : value;
    }

    private void escape(char c) {
        bytes[size++] = '\\';
        switch (c) {
            case '"', '\\' -> bytes[size++] = (byte) c;
            case '\b' -> bytes[size++] = 'b';
            case '\f' -> bytes[size++] = 'f';
            case '\n' -> bytes[size++] = 'n';
            case '\r' -> bytes[size++] = 'r';
            case '\t' -> bytes[size++] = 't';
            default -> {
                bytes[size++] = 'u';
                bytes[size++] = '0';
                bytes[size++] = '0';
                bytes[size++] = HEX[c >> 4];
                bytes[size++] = HEX[c & 0xf];
            }
        }
    }

    private void encode(int codePoint) {
        if (codePoint < 0x800) {
            bytes[size++] = (byte) (0xc0 | codePoint >> 6);
        } else if (codePoint < 0x10000) {
            bytes[size++] = (byte) (0xe0 | codePoint >> 12);
            bytes[size++] = (byte) (0x80 | (codePoint >> 6 & 0x3f));
        } else {
            bytes[size++] = (byte) (0xf0 | codePoint >> 18);
            bytes[size++] = (byte) (0x80 | (codePoint >> 12 & 0x3f));
            bytes[size++] = (byte) (0x80 | (codePoint >> 6 & 0x3f));
        }
        bytes[size++] = (byte) (0x80 | (codePoint & 0x3f));
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(size, more)));
        }
    }
}
