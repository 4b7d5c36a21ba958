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

/// An answer as it arrives. Read by one thread; [#close] may be called by any, and makes the reader stop.
public final class AnswerStream implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Queue<AnswerPart> parts = new ArrayDeque<>();
    private final SseParser parser = new SseParser(this::onEvent);
    private final EventBody body;
    private @Nullable ServerRefusedException failure;
    private boolean complete;

    AnswerStream(InputStream body) {
        this.body = new EventBody(body, parser);
    }

    /// The next part; `null` when the answer is complete or was closed.
    ///
    /// @throws ServerRefusedException if the server broke the answer off and said why
    /// @throws IOException if the connection broke, or the stream ended without its end mark
    public @Nullable AnswerPart next() throws IOException, ServerRefusedException {
        while (parts.isEmpty() && !complete && failure == null) {
            switch (body.read()) {
                case CLOSED -> {
                    return null;
                }
                case END -> {
                    parser.finish();
                    if (!complete && failure == null && parts.isEmpty()) {
                        throw new IOException("the answer broke off before its end");
                    }
                }
                case MORE -> {}
            }
        }
        AnswerPart part = parts.poll();
        if (part == null && failure != null) {
            throw failure;
        }
        return part;
    }

    private void onEvent(SseEvent event) {
        if (event.data().equals("[DONE]")) {
            complete = true;
            return;
        }
        JsonNode json;
        try {
            json = JSON.readTree(event.data());
        } catch (IOException e) {
            failure = new ServerRefusedException(0, "", "the server sent an event that is not JSON");
            return;
        }
        if (json.has("error")) {
            failure = ServerRefusedException.of(0, json);
            return;
        }
        JsonNode choice = json.path("choices").path(0);
        String text = choice.path("delta").path("content").asText("");
        if (!text.isEmpty()) {
            parts.add(new AnswerPart.Text(text));
        }
        if (choice.path("finish_reason").isTextual()) {
            parts.add(new AnswerPart.Finished(choice.path("finish_reason").asText()));
        }
        JsonNode usage = json.path("usage");
        if (usage.isObject()) {
            parts.add(new AnswerPart.Cost(
                    usage.path("prompt_tokens").asInt(),
                    usage.path("prompt_tokens_details").path("cached_tokens").asInt(),
                    usage.path("completion_tokens").asInt(),
                    json.path("timings").path("predicted_per_second").asDouble()));
        }
    }

    /// True once [#close] was called.
    public boolean isClosed() {
        return body.isClosed();
    }

    /// Ends the answer: the connection closes, which tells the server to stop generating. Idempotent.
    @Override
    public void close() {
        body.close();
    }
}
