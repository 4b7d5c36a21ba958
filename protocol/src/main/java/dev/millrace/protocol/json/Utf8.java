package dev.millrace.protocol.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Tells whether bytes, or text decoded from them, are clean Unicode text.
public final class Utf8 {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NOT_ASCII = 0x8080808080808080L;
    private static final long ONES = 0x0101010101010101L;

    private Utf8() {}

    /// True if `bytes` are well-formed UTF-8 without a byte order mark and without NUL. UTF-16 and UTF-32 never
    /// pass.
    public static boolean isCleanText(byte[] bytes) {
        int length = bytes.length;
        if (length >= 3 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb && bytes[2] == (byte) 0xbf) {
            return false;
        }
        int i = 0;
        while (i < length) {
            if (i + Long.BYTES <= length && isEightPlain((long) LONGS.get(bytes, i))) {
                i += Long.BYTES;
            } else {
                int width = widthAt(bytes, i);
                if (width == 0) {
                    return false;
                }
                i += width;
            }
        }
        return true;
    }

    /// True if `text` has no surrogate without its partner and no NUL: what an escape such as `\ud800` can
    /// smuggle in.
    public static boolean isCleanText(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return false;
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private static boolean isEightPlain(long word) {
        // The second term finds zero bytes; exact as long as no byte has its high bit set, which the first one
        // checks.
        return (word & NOT_ASCII) == 0 && (word - ONES & NOT_ASCII) == 0;
    }

    /// Bytes of the character at `i`, or 0 if there is no valid one.
    private static int widthAt(byte[] bytes, int i) {
        int first = bytes[i] & 0xff;
        if (first < 0x80) {
            return first == 0 ? 0 : 1;
        }
        int width = first >= 0xc2 && first <= 0xdf
                ? 2
                : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
        if (width == 0 || i + width > bytes.length || !isSecondByte(first, bytes[i + 1] & 0xff)) {
            return 0;
        }
        for (int k = 2; k < width; k++) {
            if ((bytes[i + k] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return width;
    }

    /// Rules out overlong forms, surrogates and code points above U+10FFFF, all of which show in the second byte.
    private static boolean isSecondByte(int first, int second) {
        int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        return second >= low && second <= high;
    }
}
