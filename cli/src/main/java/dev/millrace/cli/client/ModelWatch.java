package dev.millrace.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.protocol.sse.SseEvent;
import dev.millrace.protocol.sse.SseParser;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// What becomes of the models of a server. Read by one thread; [#stop] may be called by any, and makes the reader
/// end.
public final class ModelWatch implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final InputStream body;
    private final Queue<ModelView> views = new ArrayDeque<>();
    private final SseParser parser = new SseParser(this::onEvent);
    private final byte[] buffer = new byte[8192];
    private boolean garbled;
    private volatile boolean closed;

    ModelWatch(InputStream body) {
        this.body = body;
    }

    /// The next model that is told of; `null` when the watch was stopped.
    ///
    /// @throws IOException if the connection broke or the server ended it
    public @Nullable ModelView next() throws IOException {
        while (views.isEmpty()) {
            int n = readBody();
            if (closed) {
                return null;
            }
            if (n < 0) {
                throw new IOException("the server ended the connection");
            }
            parser.accept(buffer, 0, n);
            if (garbled) {
                throw new IOException("the server sent an event that is not JSON");
            }
        }
        return views.poll();
    }

    private int readBody() throws IOException {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            if (closed) {
                return -1;
            }
            throw e;
        }
    }

    private void onEvent(SseEvent event) {
        try {
            JsonNode json = JSON.readTree(event.data());
            if (json.path("event").asText().equals("status_change")) {
                views.add(new ModelView(json.path("model").asText(), json.at("/data/details")));
            }
        } catch (IOException e) {
            garbled = true;
        }
    }

    /// Ends the watch. Idempotent.
    public void stop() {
        closed = true;
        try {
            body.close();
        } catch (IOException e) {
            // The connection is gone, which is what closing is for.
            closed = true;
        }
    }

    @Override
    public void close() {
        stop();
    }
}
