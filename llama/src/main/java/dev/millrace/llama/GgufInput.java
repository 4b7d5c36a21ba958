package dev.millrace.llama;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/// Reads a file from its start, through a small window. Confined to one thread.
final class GgufInput {
    private static final int WINDOW = 1 << 16;

    private final FileChannel channel;
    private final long size;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW).order(ByteOrder.LITTLE_ENDIAN);
    private long windowStart;

    /// The file ends before what it announced.
    static final class EndException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    GgufInput(FileChannel channel) throws IOException {
        this.channel = channel;
        this.size = channel.size();
        window.limit(0);
    }

    long size() {
        return size;
    }

    long position() {
        return windowStart + window.position();
    }

    /// The first bytes, as many as there are.
    byte[] first(int most) throws IOException {
        ensure((int) Math.min(most, size));
        byte[] bytes = new byte[(int) Math.min(most, size)];
        window.get(0, bytes);
        return bytes;
    }

    int readInt() throws IOException {
        ensure(4);
        return window.getInt();
    }

    long readLong() throws IOException {
        ensure(8);
        return window.getLong();
    }

    byte[] readBytes(int count) throws IOException {
        ensure(count);
        byte[] bytes = new byte[count];
        window.get(bytes);
        return bytes;
    }

    void skip(long count) throws IOException {
        if (count <= window.remaining()) {
            window.position(window.position() + (int) count);
            return;
        }
        long target = position() + count;
        if (target > size) {
            throw new EndException();
        }
        windowStart = target;
        window.position(0).limit(0);
    }

    private void ensure(int count) throws IOException {
        if (window.remaining() >= count) {
            return;
        }
        windowStart = position();
        window.compact();
        while (window.position() < count) {
            if (channel.read(window, windowStart + window.position()) < 0) {
                window.flip();
                throw new EndException();
            }
        }
        window.flip();
    }
}
