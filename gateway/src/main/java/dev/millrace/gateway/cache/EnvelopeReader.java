package dev.millrace.gateway.cache;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads bytes that nobody vouches for. *Confined to one thread.*
///
/// Reading beyond the end gives nothing from then on, and is noticed at [#isAtEnd()]; no count or length is believed
/// before the bytes for it are seen to be there.
final class EnvelopeReader {
    private final byte[] bytes;
    private final int end;
    private int at;
    private boolean good = true;

    EnvelopeReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.at = start;
        this.end = end;
    }

    boolean isGood() {
        return good;
    }

    boolean isAtEnd() {
        return good && at == end;
    }

    /// A number of `width` bytes; one of 4 or 8 may be negative.
    long number(int width) {
        if (!has(width)) {
            return 0;
        }
        long value = 0;
        for (int i = 0; i < width; i++) {
            value = value << 8 | (bytes[at++] & 0xff);
        }
        return width == 4 ? (int) value : value;
    }

    byte[] raw(int length) {
        if (!has(length)) {
            return new byte[0];
        }
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    /// `count` itself if the rest can hold that many items of `itemBytes`, else 0.
    int count(int count, int itemBytes) {
        good &= count >= 0 && count <= (end - at) / itemBytes;
        return good ? count : 0;
    }

    /// A name, or nothing if it is not UTF-8.
    String name() {
        byte[] utf8 = raw((int) number(2));
        String name = new String(utf8, StandardCharsets.UTF_8);
        good &= Arrays.equals(name.getBytes(StandardCharsets.UTF_8), utf8);
        return good ? name : "";
    }

    /// Names, or fewer if there are more than `max` or too few bytes.
    List<String> names(int max) {
        int count = count((int) number(1), Short.BYTES);
        good &= count <= max;
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count && good; i++) {
            names.add(name());
        }
        return names;
    }

    private boolean has(int more) {
        good &= more >= 0 && more <= end - at;
        return good;
    }
}
