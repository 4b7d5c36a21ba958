package dev.millrace.gateway.cache;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// The growing bytes of an envelope. *Confined to one thread.*
final class EnvelopeWriter {
    private byte[] bytes;
    private int size;

    EnvelopeWriter(int capacity) {
        bytes = new byte[capacity];
    }

    EnvelopeWriter number(long value, int width) {
        reserve(width);
        for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (value >> shift);
        }
        return this;
    }

    EnvelopeWriter raw(byte[] more) {
        reserve(more.length);
        System.arraycopy(more, 0, bytes, size, more.length);
        size += more.length;
        return this;
    }

    EnvelopeWriter name(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return number(utf8.length, 2).raw(utf8);
    }

    EnvelopeWriter names(List<String> names) {
        number(names.size(), 1);
        names.forEach(this::name);
        return this;
    }

    /// Everything written, with its seal behind it.
    byte[] sealed(Seal seal) {
        raw(seal.over(bytes, size));
        return Arrays.copyOf(bytes, size);
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(size, more)));
        }
    }
}
