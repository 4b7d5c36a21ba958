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

    private final Queue<ModelView> views = new ArrayDeque<>();
    private final EventBody body;
    private boolean garbled;

    ModelWatch(InputStream body) {
        this.body = new EventBody(body, new SseParser(this::onEvent));
    }

    /// The next model that is told of; `null` when the watch was stopped.
    ///
    /// @throws IOException if the connection broke or the server ended it
    public @Nullable ModelView next() throws IOException {
        while (views.isEmpty()) {
            switch (body.read()) {
                case CLOSED -> {
                    return null;
                }
                case END -> throw new IOException("the server ended the connection");
                case MORE -> {}
            }
            if (garbled) {
                throw new IOException("the server sent an event that is not JSON");
            }
        }
        return views.poll();
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
        body.close();
    }

    @Override
    public void close() {
        stop();
    }
}
