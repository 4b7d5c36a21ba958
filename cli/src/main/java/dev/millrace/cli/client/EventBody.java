package dev.millrace.cli.client;

import dev.millrace.protocol.sse.SseParser;
import java.io.IOException;
import java.io.InputStream;

/// The bytes of an event stream on their way to a parser. Read by one thread; [#close] may be called by any, and makes
/// the reader stop.
final class EventBody implements AutoCloseable {
    private final InputStream in;
    private final SseParser parser;
    private final byte[] buffer = new byte[8192];
    private volatile boolean closed;

    EventBody(InputStream in, SseParser parser) {
        this.in = in;
        this.parser = parser;
    }

    /// What came of reading on.
    enum Read {
        /// The parser has more.
        MORE,
        /// The server ended it.
        END,
        /// This side closed it.
        CLOSED
    }

    /// Waits for more.
    ///
    /// @throws IOException if the connection broke
    Read read() throws IOException {
        int n;
        try {
            n = in.read(buffer);
        } catch (IOException e) {
            if (closed) {
                return Read.CLOSED;
            }
            throw e;
        }
        if (closed) {
            return Read.CLOSED;
        }
        if (n < 0) {
            return Read.END;
        }
        parser.accept(buffer, 0, n);
        return Read.MORE;
    }

    boolean isClosed() {
        return closed;
    }

    /// Ends the stream. Idempotent.
    @Override
    public void close() {
        closed = true;
        try {
            in.close();
        } catch (IOException e) {
            // The connection is gone, which is what closing is for.
            closed = true;
        }
    }
}
