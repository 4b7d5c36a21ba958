package dev.millrace.worker.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import org.jspecify.annotations.Nullable;

/// A socket that carries frames: four bytes of length, most significant first, then as many bytes.
/// *Thread-safe* for one thread that reads and one that writes; any thread may close it, which ends both.
///
/// Reading and writing block. A small frame is one system call at each end: between two tokens of a model everything
/// that runs costs the model its caches, so little code is the point here.
final class FrameChannel implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;

    private final ByteChannel channel;
    // On the heap: direct ones, 128 KiB for each worker ever started, would stay until the next collection. The copies
    // that reading and writing make of a frame change nothing that tools/bench/worker.sh can see.
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private final ByteBuffer out = ByteBuffer.allocate(BUFFER_BYTES);

    /// @param channel connected and blocking; closed with this
    FrameChannel(ByteChannel channel) {
        this.channel = channel;
    }

    /// Waits until the whole frame is with the system.
    void write(Frame frame) throws IOException {
        out.clear().putInt(frame.length());
        int position = 0;
        while (true) {
            int count = Math.min(out.remaining(), frame.length() - position);
            out.put(frame.bytes(), position, count).flip();
            position += count;
            while (out.hasRemaining()) {
                channel.write(out);
            }
            if (position == frame.length()) {
                return;
            }
            out.clear();
        }
    }

    /// Waits for the next frame.
    ///
    /// @param maxBytes longest frame to accept
    /// @return `null` if the other end closed the connection, between two frames or within one
    /// @throws BrokenFrameException if a frame claims to be longer; the connection is of no use then
    @Nullable
    Frame read(int maxBytes) throws IOException {
        if (!receive(Integer.BYTES)) {
            return null;
        }
        int length = in.getInt();
        if (length < 0 || length > maxBytes) {
            throw new BrokenFrameException("length: " + length + " (expected: 0 to " + maxBytes + ")");
        }
        byte[] bytes = new byte[length];
        int position = 0;
        while (position < length) {
            if (!receive(1)) {
                return null;
            }
            int count = Math.min(in.remaining(), length - position);
            in.get(bytes, position, count);
            position += count;
        }
        return new Frame(bytes, length);
    }

    /// Makes sure that at least `count` received bytes are at hand.
    private boolean receive(int count) throws IOException {
        if (in.remaining() >= count) {
            return true;
        }
        in.compact();
        int received = 0;
        while (received >= 0 && in.position() < count) {
            received = channel.read(in);
        }
        in.flip();
        return received >= 0;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
