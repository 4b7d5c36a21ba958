package dev.millrace.testing.upstream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the requests of one connection. *Confined to the connection's thread.*
final class HttpReader {
    private static final int MAX_LINE_BYTES = 64 << 10;
    private static final int MAX_HEADERS = 1_000;
    private static final int MAX_BODY_BYTES = 64 << 20;

    private final Inbox inbox;
    private final Continue onContinue;

    /// @param onContinue asked for when the client waits for leave to send its body
    HttpReader(Inbox inbox, Continue onContinue) {
        this.inbox = inbox;
        this.onContinue = onContinue;
    }

    /// Says that the body may come.
    interface Continue {
        void say() throws IOException;
    }

    /// A request as it came over the wire.
    record Incoming(String method, String path, String version, Map<String, String> headers, String bodyText) {
        boolean closes() {
            String connection = headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT);
            return version.equals("HTTP/1.0") ? !connection.contains("keep-alive") : connection.contains("close");
        }
    }

    /// The next request; null if the client left before its first byte.
    ///
    /// @throws IOException if it is none, or breaks off
    @Nullable
    Incoming next() throws IOException {
        String start = line();
        if (start == null) {
            return null;
        }
        String[] words = start.split(" ", -1);
        if (words.length != 3) {
            throw new IOException("not a request line: " + start);
        }
        Map<String, String> headers = headers();
        if (headers.getOrDefault("expect", "").equalsIgnoreCase("100-continue")) {
            onContinue.say();
        }
        return new Incoming(words[0], words[1], words[2], headers, new String(body(headers), StandardCharsets.UTF_8));
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); line == null || !line.isEmpty(); line = line()) {
            int colon = line == null ? -1 : line.indexOf(':');
            if (line == null || colon < 1 || headers.size() == MAX_HEADERS) {
                throw new IOException("not a header: " + line);
            }
            headers.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (one, other) -> one + ", " + other);
        }
        return headers;
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            return chunks();
        }
        return exactly(number(headers.getOrDefault("content-length", "0"), 10));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = chunkSize(); size > 0; size = chunkSize()) {
            body.writeBytes(exactly(size));
            line();
            if (body.size() > MAX_BODY_BYTES) {
                throw new IOException("body: more than " + MAX_BODY_BYTES + " bytes");
            }
        }
        headers(); // the trailers, which nobody asked for
        return body.toByteArray();
    }

    private int chunkSize() throws IOException {
        String line = line();
        return number(line == null ? "" : line.split(";", 2)[0].strip(), 16);
    }

    private static int number(String digits, int radix) throws IOException {
        try {
            int number = Integer.parseInt(digits, radix);
            if (number < 0 || number > MAX_BODY_BYTES) {
                throw new IOException("bytes: " + number + " (expected: 0.." + MAX_BODY_BYTES + ")");
            }
            return number;
        } catch (NumberFormatException e) {
            throw new IOException("not a number: " + digits, e);
        }
    }

    private byte[] exactly(int bytes) throws IOException {
        byte[] body = new byte[bytes];
        inbox.readFully(body);
        return body;
    }

    /// A line without its end; null if there is no byte more.
    private @Nullable String line() throws IOException {
        StringBuilder line = new StringBuilder();
        int next = inbox.read();
        if (next < 0) {
            return null;
        }
        for (; next != '\n'; next = inbox.read()) {
            if (next < 0 || line.length() == MAX_LINE_BYTES) {
                throw new IOException("a line breaks off or is too long: " + line.length());
            }
            line.append((char) next);
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        return line.toString();
    }
}
