package dev.millrace.protocol.sse;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Splits a byte stream into server-sent events as text: a [SseScanner] for those who want strings. Bytes that are not
/// UTF-8 show as U+FFFD. *Confined to one thread.*
///
/// ```java
/// var parser = new SseParser(event -> show(event.data()));
/// while ((n = in.read(buffer)) >= 0) parser.accept(buffer, 0, n);
/// parser.finish();
/// ```
public final class SseParser {
    /// Largest event, all its lines together.
    public static final int MAX_EVENT_BYTES = SseScanner.MAX_EVENT_BYTES;

    private final SseScanner scanner;

    /// @param events called for each event, in order, from within [#accept] and [#finish]
    public SseParser(Consumer<SseEvent> events) {
        scanner = new SseScanner((name, data, length) ->
                events.accept(new SseEvent(name, new String(data, 0, length, StandardCharsets.UTF_8))));
    }

    /// Takes the next bytes.
    ///
    /// @throws EventTooLargeException if an event is larger than [#MAX_EVENT_BYTES]; the stream is unusable then
    public void accept(byte[] bytes, int offset, int length) {
        scanner.accept(bytes, offset, length);
    }

    /// The stream has ended: a last line or event that was not closed by an empty line counts all the same.
    public void finish() {
        scanner.finish();
    }

    /// An event was larger than [#MAX_EVENT_BYTES].
    public static final class EventTooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EventTooLargeException() {
            super("event: more than " + MAX_EVENT_BYTES + " bytes");
        }
    }
}
