package dev.millrace.testing.fault;

import java.util.Arrays;

/// Bytes that leave together at their time; the last piece of a stream has none. *Immutable.*
final class Piece {
    private final byte[] bytes;
    private final long dueNanos;

    Piece(byte[] bytes, long dueNanos) {
        this.bytes = bytes;
        this.dueNanos = dueNanos;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return bytes.length;
    }

    boolean isEnd() {
        return bytes.length == 0;
    }

    long dueNanos() {
        return dueNanos;
    }

    @Override
    public String toString() {
        return dueNanos + ": " + Arrays.toString(bytes);
    }
}
