package dev.millrace.testing.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A connection to 127.0.0.1 that sends what it is told to and tells a close in order from a reset. No call waits
/// longer than ten seconds. *Confined to the test's thread.*
public final class RawHttp implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;
    private final InputStream in;

    private RawHttp(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /// Opens a connection.
    public static RawHttp connect(int port) throws IOException {
        return new RawHttp(port);
    }

    /// A response that arrived whole.
    ///
    /// @param headers by lower-case name
    public record Response(int status, Map<String, String> headers, String body) {
        /// The payloads of the body's `data:` lines, the `[DONE]` among them.
        public List<String> events() {
            return body.lines()
                    .filter(line -> line.startsWith("data:"))
                    .map(line -> line.substring("data:".length()).strip())
                    .toList();
        }
    }

    /// How a connection ended.
    public enum Ending {
        FIN,
        RESET
    }

    /// Everything that came, and how it ended.
    public record Rest(String text, Ending ending) {}

    /// Sends text as UTF-8.
    public RawHttp send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /// Sends a request with a JSON body.
    public RawHttp post(String path, String body) throws IOException {
        return send("POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
    }

    /// Sends a request without a body.
    public RawHttp get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
    }

    /// Reads one response as its framing says.
    ///
    /// @throws EOFException if it breaks off by a close in order
    public Response response() throws IOException {
        String start = line();
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Response(
                Integer.parseInt(start.split(" ", 3)[1]), headers, new String(body(headers), StandardCharsets.UTF_8));
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        String length = headers.get("content-length");
        if (length != null) {
            return exactly(Integer.parseInt(length));
        }
        if (!"chunked".equals(headers.get("transfer-encoding"))) {
            return in.readAllBytes();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            body.writeBytes(exactly(size));
            line();
        }
        line();
        return body.toByteArray();
    }

    /// Reads exactly so many bytes.
    public byte[] exactly(int bytes) throws IOException {
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes) {
            throw new EOFException("closed behind " + read.length + " of " + bytes + " bytes");
        }
        return read;
    }

    /// Reads until this text was seen.
    public String until(String text) throws IOException {
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf(text) < 0) {
            seen.append((char) byteOrEnd());
        }
        return seen.toString();
    }

    /// Reads until the other side ends the connection.
    public Rest rest() throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                read.write(next);
            }
            return new Rest(read.toString(StandardCharsets.UTF_8), Ending.FIN);
        } catch (SocketException e) {
            return new Rest(read.toString(StandardCharsets.UTF_8), Ending.RESET);
        }
    }

    /// Whether nothing arrives within this time, not even the end. What arrives is kept.
    public boolean silentFor(int millis) throws IOException {
        socket.setSoTimeout(millis);
        in.mark(1);
        try {
            if (in.read() >= 0) {
                in.reset();
            }
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /// The socket itself.
    public Socket socket() {
        return socket;
    }

    /// Resets the connection instead of closing it.
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private String line() throws IOException {
        String line = until("\n");
        return line.substring(0, line.length() - (line.endsWith("\r\n") ? 2 : 1));
    }

    private int byteOrEnd() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("closed in the middle");
        }
        return next;
    }
}
