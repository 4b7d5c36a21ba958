package dev.millrace.testing.upstream;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// How an answer travels: the head, the framing of the body and what becomes of the connection. *Immutable.*
///
/// @param headers whole header lines without their ends, behind those that are always there
record Transport(Framing framing, Closing closing, List<String> headers) {
    /// What a server does that is asked for nothing special.
    static final Transport PLAIN = new Transport(Framing.LENGTH, Closing.NEVER, List.of());

    /// Where a body ends.
    enum Framing {
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    /// What becomes of the connection behind an answer.
    enum Closing {
        NEVER,
        /// Said by `Connection: close`.
        ANNOUNCED,
        /// Closed without a word, which a client with a pool meets as the keep-alive race.
        SILENT
    }

    Transport with(Framing other) {
        return new Transport(other, closing, headers);
    }

    Transport with(Closing other) {
        return new Transport(framing, other, headers);
    }

    Transport withHeader(String name, String value) {
        return withLines(name + ": " + value);
    }

    Transport withLines(String... lines) {
        List<String> more = new ArrayList<>(headers);
        Collections.addAll(more, lines);
        return new Transport(framing, closing, List.copyOf(more));
    }

    /// @param bytes length of the body; of no meaning unless the framing is by length
    String head(int status, String contentType, int bytes) {
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(reason(status))
                .append("\r\n");
        if (!says("content-type")) {
            line(head, "Content-Type: " + contentType);
        }
        switch (framing) {
            case LENGTH -> line(head, "Content-Length: " + bytes);
            case CHUNKED -> line(head, "Transfer-Encoding: chunked");
            case UNTIL_CLOSE -> {}
        }
        headers.forEach(header -> line(head, header));
        if (closing == Closing.ANNOUNCED) {
            line(head, "Connection: close");
        }
        return head.append("\r\n").toString();
    }

    /// A piece of the body in its framing.
    Step piece(byte[] bytes) {
        // A chunk without bytes would be the last one.
        if (framing != Framing.CHUNKED || bytes.length == 0) {
            return Step.send(bytes);
        }
        byte[] size = (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] chunk = new byte[size.length + bytes.length + 2];
        System.arraycopy(size, 0, chunk, 0, size.length);
        System.arraycopy(bytes, 0, chunk, size.length, bytes.length);
        chunk[chunk.length - 2] = '\r';
        chunk[chunk.length - 1] = '\n';
        return Step.send(chunk);
    }

    /// What follows the last piece.
    List<Step> end() {
        List<Step> steps = new ArrayList<>();
        if (framing == Framing.CHUNKED) {
            steps.add(Step.send("0\r\n\r\n"));
        }
        if (framing == Framing.UNTIL_CLOSE || closing != Closing.NEVER) {
            steps.add(Step.End.FIN);
        }
        return steps;
    }

    private boolean says(String name) {
        return headers.stream().anyMatch(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"));
    }

    private static void line(StringBuilder head, String line) {
        head.append(line).append("\r\n");
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 429 -> "Too Many Requests";
            case 500 -> "Internal Server Error";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "Status";
        };
    }
}
