package dev.millrace.worker.transport;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes the values of a frame: varints for counts, eight bytes for long and double, lengths before bytes.
/// *Confined to one thread.*
final class FrameWriter {
    private static final int INITIAL_BYTES = 256;
    private static final int LOW_SEVEN = 0x7f;

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length;

    boolean isEmpty() {
        return length == 0;
    }

    /// Bytes written since the last [#take].
    int length() {
        return length;
    }

    /// Takes what was written and begins anew.
    Frame take() {
        Frame frame = new Frame(bytes, length);
        bytes = new byte[Math.max(INITIAL_BYTES, Math.min(length, Frame.MAX_BYTES >> 4))];
        length = 0;
        return frame;
    }

    void writeByte(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    void writeBoolean(boolean value) {
        writeByte(value ? 1 : 0);
    }

    /// Any int; small non-negative ones take one byte.
    void writeInt(int value) {
        room(5);
        int rest = value;
        while ((rest & ~LOW_SEVEN) != 0) {
            bytes[length++] = (byte) ((rest & LOW_SEVEN) | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    void writeLong(long value) {
        room(Long.BYTES);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >>> shift);
        }
    }

    void writeFloat(float value) {
        writeInt(Float.floatToRawIntBits(value));
    }

    void writeDouble(double value) {
        writeLong(Double.doubleToRawLongBits(value));
    }

    void writeBytes(byte[] value) {
        writeInt(value.length);
        room(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
    }

    /// Four bytes each: what a varint saves of small ones, it loses on all others.
    void writeFloats(float[] values) {
        writeInt(values.length);
        room(Math.multiplyExact(values.length, Float.BYTES));
        for (float value : values) {
            int bits = Float.floatToRawIntBits(value);
            bytes[length++] = (byte) (bits >>> 24);
            bytes[length++] = (byte) (bits >>> 16);
            bytes[length++] = (byte) (bits >>> 8);
            bytes[length++] = (byte) bits;
        }
    }

    void writeString(String value) {
        writeBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /// One of a few constants, by its number: both ends are of the same build.
    @SuppressWarnings("EnumOrdinal")
    void writeOne(Enum<?> constant) {
        writeByte(constant.ordinal());
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
