package dev.millrace.protocol.sse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Splits a byte stream into server-sent events without making text of them, however the bytes are cut on their way.
/// *Confined to one thread.*
///
/// Lines may end with LF, CR or CRLF; comments and unknown fields are skipped; an event without data is none. An event
/// larger than [#MAX_EVENT_BYTES] ends the scanner.
public final class SseScanner {
    /// Largest event, all its lines together.
    public static final int MAX_EVENT_BYTES = 1 << 20;

    private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);

    private final Events events;
    private byte[] line = new byte[256];
    private int lineBytes;
    private int eventBytes;
    private boolean afterCarriageReturn;
    private boolean atStart = true;
    private boolean hasData;
    private String name = SseEvent.DEFAULT_NAME;
    private byte[] data = new byte[256];
    private int dataBytes;

    /// Told of each event.
    @FunctionalInterface
    public interface Events {
        /// @param name the `event` field, or the default name
        /// @param data the `data` lines, joined by line feeds, from 0 to `length`; not to be kept
        void event(String name, byte[] data, int length);
    }

    /// @param events called for each event, in order, from within [#accept] and [#finish]
    public SseScanner(Events events) {
        this.events = events;
    }

    /// Takes the next bytes.
    ///
    /// @throws SseParser.EventTooLargeException if an event is larger than [#MAX_EVENT_BYTES]; nothing more can be
    ///     read then
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

    /// True if bytes of an event came that has not ended yet.
    public boolean isWithinEvent() {
        return hasData || lineBytes > 0;
    }

    private void append(byte b) {
        if (++eventBytes > MAX_EVENT_BYTES) {
            throw new SseParser.EventTooLargeException();
        }
        if (lineBytes == line.length) {
            line = Arrays.copyOf(line, line.length * 2);
        }
        line[lineBytes++] = b;
    }

    private void endLine() {
        int start = atStart && startsWithByteOrderMark() ? 3 : 0;
        atStart = false;
        int end = lineBytes;
        lineBytes = 0;
        if (end == start) {
            endEvent();
        } else if (line[start] != ':') {
            field(start, end);
        } else {
            // A stream of nothing but heartbeats is not one large event.
            eventBytes -= end - start;
        }
    }

    private boolean startsWithByteOrderMark() {
        return lineBytes >= 3 && line[0] == (byte) 0xef && line[1] == (byte) 0xbb && line[2] == (byte) 0xbf;
    }

    private void field(int start, int end) {
        int colon = start;
        while (colon < end && line[colon] != ':') {
            colon++;
        }
        int from = Math.min(colon + 1, end);
        if (from < end && line[from] == ' ') {
            from++;
        }
        if (Arrays.equals(line, start, colon, DATA, 0, DATA.length)) {
            addData(from, end);
        } else if (Arrays.equals(line, start, colon, EVENT, 0, EVENT.length)) {
            name = new String(line, from, end - from, StandardCharsets.UTF_8);
        }
    }

    private void addData(int from, int end) {
        int needed = dataBytes + end - from + 1;
        if (needed > data.length) {
            data = Arrays.copyOf(data, Math.max(needed, data.length * 2));
        }
        if (hasData) {
            data[dataBytes++] = '\n';
        }
        System.arraycopy(line, from, data, dataBytes, end - from);
        dataBytes += end - from;
        hasData = true;
    }

    private void endEvent() {
        if (hasData) {
            events.event(name, data, dataBytes);
        }
        hasData = false;
        dataBytes = 0;
        name = SseEvent.DEFAULT_NAME;
        eventBytes = 0;
    }
}
