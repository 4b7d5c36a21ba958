package dev.millrace.worker.transport;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads what [FrameWriter] wrote; anything that does not fit the bytes at hand ends in a
/// [BrokenFrameException]. *Confined to one thread.*
final class FrameReader {
    private static final int LOW_SEVEN = 0x7f;
    private static final int MAX_SHIFT = 28;

    private final byte[] bytes;
    private final int length;
    private int position;

    FrameReader(Frame frame) {
        this.bytes = frame.bytes();
        this.length = frame.length();
    }

    boolean hasMore() {
        return position < length;
    }

    int readByte() {
        need(1);
        return bytes[position++] & 0xff;
    }

    boolean readBoolean() {
        return readByte() != 0;
    }

    int readInt() {
        int value = 0;
        for (int shift = 0; shift <= MAX_SHIFT; shift += 7) {
            int next = readByte();
            value |= (next & LOW_SEVEN) << shift;
            if (next <= LOW_SEVEN) {
                return value;
            }
        }
        throw new BrokenFrameException("a number of more than five bytes");
    }

    /// A count of things of which each takes at least one byte.
    int readCount() {
        int count = readInt();
        if (count < 0 || count > length - position) {
            throw new BrokenFrameException(
                    "count: " + count + " (expected: at most the " + (length - position) + " bytes left)");
        }
        return count;
    }

    long readLong() {
        need(Long.BYTES);
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = (value << 8) | (bytes[position++] & 0xff);
        }
        return value;
    }

    float readFloat() {
        return Float.intBitsToFloat(readInt());
    }

    double readDouble() {
        return Double.longBitsToDouble(readLong());
    }

    float[] readFloats() {
        int count = readInt();
        if (count < 0 || count > (length - position) / Float.BYTES) {
            throw new BrokenFrameException(
                    "floats: " + count + " (expected: at most what " + (length - position) + " bytes hold)");
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            int bits = 0;
            for (int k = 0; k < Float.BYTES; k++) {
                bits = (bits << 8) | (bytes[position++] & 0xff);
            }
            values[i] = Float.intBitsToFloat(bits);
        }
        return values;
    }

    byte[] readBytes() {
        int count = readCount();
        byte[] value = Arrays.copyOfRange(bytes, position, position + count);
        position += count;
        return value;
    }

    String readString() {
        int count = readCount();
        String value = new String(bytes, position, count, StandardCharsets.UTF_8);
        position += count;
        return value;
    }

    /// The constant of this number.
    <T> T readOne(T[] constants) {
        int number = readByte();
        if (number >= constants.length) {
            throw new BrokenFrameException("constant: " + number + " (expected: less than " + constants.length + ")");
        }
        return constants[number];
    }

    private void need(int more) {
        if (length - position < more) {
            throw new BrokenFrameException("cut short: " + more + " bytes wanted, " + (length - position) + " left");
        }
    }
}
