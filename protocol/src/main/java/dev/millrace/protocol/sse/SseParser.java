package dev.millrace.protocol.sse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/// Splits a byte stream into server-sent events, however the bytes are cut on their way. *Confined to one thread.*
///
/// Lines may end with LF, CR or CRLF; comments and unknown fields are skipped; an event without data is none. Bytes
/// that are not UTF-8 show as U+FFFD. An event larger than [#MAX_EVENT_BYTES] ends the parser.
///
/// ```java
/// var parser = new SseParser(event -> show(event.data()));
/// while ((n = in.read(buffer)) >= 0) parser.accept(buffer, 0, n);
/// parser.finish();
/// ```
public final class SseParser {
    /// Largest event, all its lines together.
    public static final int MAX_EVENT_BYTES = 1 << 20;

    private final Consumer<SseEvent> events;
    private byte[] line = new byte[256];
    private int lineBytes;
    private int eventBytes;
    private boolean afterCarriageReturn;
    private boolean atStart = true;
    private boolean hasData;
    private String name = SseEvent.DEFAULT_NAME;
    private final StringBuilder data = new StringBuilder();

    /// @param events called for each event, in order, from within [#accept] and [#finish]
    public SseParser(Consumer<SseEvent> events) {
        this.events = events;
    }

    /// Takes the next bytes.
    ///
    /// @throws EventTooLargeException if an event is larger than [#MAX_EVENT_BYTES]; the stream is unusable then
    public void accept(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            byte b = bytes[i];
            boolean endsCrLf = afterCarriageReturn && b == '\n';
            afterCarriageReturn = b == '\r';
            if (b == '\r' || (b == '\n' && !endsCrLf)) {
                endLine();
            } else if (!endsCrLf) {
                append(b);
            }
        }
    }

    /// The stream has ended: a last line or event that was not closed by an empty line counts all the same.
    public void finish() {
        if (lineBytes > 0) {
            endLine();
        }
        endEvent();
    }

    private void append(byte b) {
        if (++eventBytes > MAX_EVENT_BYTES) {
            throw new EventTooLargeException();
        }
        if (lineBytes == line.length) {
            line = Arrays.copyOf(line, line.length * 2);
        }
        line[lineBytes++] = b;
    }

    private void endLine() {
        int start = atStart && startsWithByteOrderMark() ? 3 : 0;
        atStart = false;
        int length = lineBytes - start;
        lineBytes = 0;
        if (length == 0) {
            endEvent();
        } else if (line[start] != ':') {
            field(new String(line, start, length, StandardCharsets.UTF_8));
        } else {
            // A stream of nothing but heartbeats is not one large event.
            eventBytes -= length;
        }
    }

    private boolean startsWithByteOrderMark() {
        return lineBytes >= 3 && line[0] == (byte) 0xef && line[1] == (byte) 0xbb && line[2] == (byte) 0xbf;
    }

    private void field(String text) {
        int colon = text.indexOf(':');
        String field = colon < 0 ? text : text.substring(0, colon);
        int from = colon < 0 ? text.length() : colon + 1;
        if (from < text.length() && text.charAt(from) == ' ') {
            from++;
        }
        if (field.equals("data")) {
            if (hasData) {
                data.append('\n');
            }
            data.append(text, from, text.length());
            hasData = true;
        } else if (field.equals("event")) {
            name = text.substring(from);
        }
    }

    private void endEvent() {
        if (hasData) {
            events.accept(new SseEvent(name, data.toString()));
        }
        hasData = false;
        data.setLength(0);
        name = SseEvent.DEFAULT_NAME;
        eventBytes = 0;
    }

    /// An event was larger than [#MAX_EVENT_BYTES].
    public static final class EventTooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EventTooLargeException() {
            super("event: more than " + MAX_EVENT_BYTES + " bytes");
        }
    }
}
