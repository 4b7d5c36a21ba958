package dev.millrace.server.relay;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// Collects a body. *Confined to its event loop.*
final class BodyBytes {
    private byte[] bytes;
    private int size;

    /// @param expected how many will probably come
    BodyBytes(int expected) {
        bytes = new byte[expected];
    }

    void add(ByteBuf piece) {
        int more = piece.readableBytes();
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
        piece.readBytes(bytes, size, more);
        size += more;
    }

    int size() {
        return size;
    }

    /// What was collected, up to [#size]; not a copy.
    byte[] bytes() {
        return bytes;
    }

    /// What was collected, and forgets it.
    byte[] drain() {
        byte[] all = Arrays.copyOf(bytes, size);
        size = 0;
        return all;
    }
}
