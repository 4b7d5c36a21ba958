package dev.millrace.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.ObjLongConsumer;

/// One streamed request over its own plain socket, read on the calling (virtual) thread. It costs so little that
/// the client hardly shows in what it measures. *Confined to one thread.*
final class SseCall implements AutoCloseable {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket;
    private final InputStream in;
    private byte[] line = new byte[512];
    private long chunkLeft = -1;

    private SseCall(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 8_192);
    }

    /// Connects and sends a POST of `body`; does not wait for the answer.
    static SseCall post(InetSocketAddress address, String path, String body) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(address, 5_000);
        socket.setSoTimeout(120_000);
        SseCall call = new SseCall(socket);
        byte[] payload = body.getBytes(StandardCharsets.UTF_8);
        String head = "POST " + path + " HTTP/1.1\r\nhost: 127.0.0.1:" + address.getPort()
                + "\r\ncontent-type: application/json\r\ncontent-length: " + payload.length + "\r\n\r\n";
        OutputStream out = socket.getOutputStream();
        byte[] start = head.getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[start.length + payload.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(payload, 0, all, start.length, payload.length);
        out.write(all);
        out.flush();
        return call;
    }

    /// Reads status line and headers; returns the status.
    int awaitHead() throws IOException {
        String status = readLine();
        boolean chunked = false;
        for (String header = readLine(); !header.isEmpty(); header = readLine()) {
            chunked |= header.toLowerCase(Locale.ROOT).equals("transfer-encoding: chunked");
        }
        chunkLeft = chunked ? 0 : Long.MAX_VALUE;
        return Integer.parseInt(status.substring(9, 12));
    }

    /// Hands every `data:` payload with its arrival time (nanoseconds of [System#nanoTime]) to `sink`, until
    /// `[DONE]`.
    void readEvents(ObjLongConsumer<String> sink) throws IOException {
        while (true) {
            int length = readBodyLine();
            if (length > DATA.length && startsWithData()) {
                String payload = new String(line, DATA.length, length - DATA.length, StandardCharsets.UTF_8);
                if (payload.equals("[DONE]")) {
                    return;
                }
                sink.accept(payload, System.nanoTime());
            }
        }
    }

    /// Reads `count` events and throws them away.
    void awaitEvents(int count) throws IOException {
        for (int seen = 0; seen < count; ) {
            int length = readBodyLine();
            seen += length > DATA.length && startsWithData() ? 1 : 0;
        }
    }

    private boolean startsWithData() {
        for (int i = 0; i < DATA.length; i++) {
            if (line[i] != DATA[i]) {
                return false;
            }
        }
        return true;
    }

    private int readBodyLine() throws IOException {
        int length = 0;
        for (int b = readBody(); b != '\n'; b = readBody()) {
            if (length == line.length) {
                line = java.util.Arrays.copyOf(line, 2 * length);
            }
            line[length++] = (byte) b;
        }
        return length;
    }

    private int readBody() throws IOException {
        if (chunkLeft == 0) {
            String size = readLine();
            if (size.isEmpty()) {
                size = readLine();
            }
            chunkLeft = Long.parseLong(size, 16);
            if (chunkLeft == 0) {
                throw new EOFException("body ended without [DONE]");
            }
        }
        chunkLeft--;
        return read();
    }

    private String readLine() throws IOException {
        StringBuilder text = new StringBuilder(64);
        for (int b = read(); b != '\n'; b = read()) {
            if (b != '\r') {
                text.append((char) b);
            }
        }
        return text.toString();
    }

    private int read() throws IOException {
        int b = in.read();
        if (b < 0) {
            throw new EOFException("connection closed");
        }
        return b;
    }

    /// Closes the connection, in the middle of the answer if it has not ended.
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
