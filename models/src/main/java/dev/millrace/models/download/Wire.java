package dev.millrace.models.download;

import dev.millrace.core.time.NanoClock;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The receiving side of one connection: lines and bytes, with limits of size and time. *Confined to one thread*;
/// closing it
/// from another ends a read.
final class Wire implements Closeable {
    private static final int MAX_LINE = 16 * 1024;
    private static final int MAX_HEAD = 64 * 1024;
    private static final int MAX_FIELDS = 100;
    private static final int BUFFER = 64 * 1024;

    private final Socket socket;
    private final InputStream in;
    private final NanoClock clock;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;

    Wire(Socket socket, NanoClock clock) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.clock = clock;
    }

    /// From now on a read may take so long.
    void limit(Duration stall) throws IOException {
        socket.setSoTimeout(Math.clamp(stall.toMillis(), 1, Integer.MAX_VALUE));
    }

    /// Reads the lines up to an empty one, all within `limit`.
    List<String> head(Duration limit) throws IOException {
        long deadline = clock.nanoTime() + limit.toNanos();
        List<String> lines = new ArrayList<>();
        int size = 0;
        while (true) {
            String line = line(deadline);
            size += line.length();
            if (line.isEmpty() && !lines.isEmpty()) {
                return lines;
            }
            if (size > MAX_HEAD || lines.size() > MAX_FIELDS) {
                throw new Trouble(Trouble.Kind.CONNECTION, "the source sent more header fields than is sensible");
            }
            lines.add(line);
        }
    }

    /// Reads one line without its end.
    String line(long deadlineNanos) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (at == end) {
                long left = deadlineNanos - clock.nanoTime();
                if (left <= 0) {
                    throw new SocketTimeoutException();
                }
                limit(Duration.ofNanos(left));
                fill();
            }
            if (end < 0) {
                throw new Trouble(Trouble.Kind.CONNECTION, "the source closed the connection without an answer");
            }
            char c = (char) (buffer[at++] & 0xff);
            if (c == '\n') {
                return !line.isEmpty() && line.charAt(line.length() - 1) == '\r'
                        ? line.substring(0, line.length() - 1)
                        : line.toString();
            }
            line.append(c);
            if (line.length() > MAX_LINE) {
                throw new Trouble(Trouble.Kind.CONNECTION, "the source sent a header field that is too long");
            }
        }
    }

    /// Reads at least one byte and at most `length`; -1 at the end of the connection.
    int read(byte[] target, int offset, int length) throws IOException {
        if (at == end) {
            if (length >= BUFFER) {
                return in.read(target, offset, length);
            }
            fill();
        }
        if (end < 0) {
            return -1;
        }
        int count = Math.min(length, end - at);
        System.arraycopy(buffer, at, target, offset, count);
        at += count;
        return count;
    }

    private void fill() throws IOException {
        at = 0;
        end = Math.max(-1, in.read(buffer));
        if (end < 0) {
            at = -1;
        }
    }

    long now() {
        return clock.nanoTime();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
