package dev.millrace.testing.upstream;

import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// What a client sends, and the moment it leaves: waits are reads, so that a client's leaving ends them. What arrives
/// during a wait is kept, up to the buffer's size. *Confined to the connection's thread.*
final class Inbox {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final long MILLISECOND = 1_000_000;

    private final Socket socket;
    private final InputStream in;
    private final NanoClock clock;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int from;
    private int to;

    Inbox(Socket socket, NanoClock clock) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.clock = clock;
    }

    /// The next byte; -1 behind the last.
    int read() throws IOException {
        if (from == to) {
            from = 0;
            to = Math.max(0, in.read(buffer, 0, buffer.length));
        }
        return from == to ? -1 : buffer[from++] & 0xff;
    }

    /// Fills `bytes`, or fails.
    void readFully(byte[] bytes) throws IOException {
        for (int i = 0; i < bytes.length; i++) {
            int next = read();
            if (next < 0) {
                throw new IOException("the client left behind " + i + " of " + bytes.length + " bytes");
            }
            bytes[i] = (byte) next;
        }
    }

    /// Waits. A client that only ended its own direction counts as gone: none of this field does that.
    ///
    /// @return true at once when the client leaves
    boolean leavesWithin(Duration time) {
        long deadline = clock.nanoTime() + time.toNanos();
        try {
            while (true) {
                long left = deadline - clock.nanoTime();
                if (left < MILLISECOND || !makeRoom()) {
                    LockSupport.parkNanos(left);
                    return false;
                }
                socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, left / MILLISECOND));
                if (!receive()) {
                    return true;
                }
            }
        } catch (IOException e) {
            return true;
        }
    }

    /// Reads and forgets until the client leaves.
    void awaitLeaving() {
        try {
            socket.setSoTimeout(0);
            do {
                from = 0;
                to = 0;
            } while (receive());
        } catch (IOException e) {
            // It left by a reset.
        }
    }

    /// Forgets what has arrived and waits for the client to leave, but not longer than this.
    void drain(Duration time) {
        from = 0;
        to = 0;
        leavesWithin(time);
    }

    /// Waits for the next request without a limit.
    void untimed() throws IOException {
        socket.setSoTimeout(0);
    }

    private boolean makeRoom() {
        if (from > 0) {
            System.arraycopy(buffer, from, buffer, 0, to - from);
            to -= from;
            from = 0;
        }
        return to < buffer.length;
    }

    /// @return false if the client left
    private boolean receive() throws IOException {
        try {
            int count = in.read(buffer, to, buffer.length - to);
            to += Math.max(0, count);
            return count >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }
}
