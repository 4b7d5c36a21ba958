package dev.millrace.server.generate;

import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.EmbeddingsAnswer;
import dev.millrace.protocol.openai.EmbeddingsRequest.Encoding;
import dev.millrace.server.reply.Reply;
import dev.millrace.server.reply.Status;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;

/// Collects vectors, which the status line waits for, and writes them out no faster than the client reads: as JSON a
/// large answer takes several times the memory of its numbers. *Confined to its event loop.*
final class EmbeddingOutput {
    /// An answer up to this size goes out at once, with its length in the head.
    private static final int WHOLE_BYTES = 256 << 10;

    private static final int PIECE_BYTES = 64 << 10;
    private static final int ENVELOPE_BYTES = 256;

    /// Of one number: a sign, eight or nine digits, point, exponent, comma.
    private static final int NUMBER_BYTES = 13;

    private final HttpServerResponse response;
    private final CallHead head;
    private final Encoding encoding;
    private final List<float[]> vectors = new ArrayList<>();
    private final JsonBytes out = new JsonBytes(512);
    private int promptTokens;
    private int written;

    EmbeddingOutput(HttpServerResponse response, CallHead head, Encoding encoding) {
        this.response = response;
        this.head = head;
        this.encoding = encoding;
    }

    /// Keeps the vector of the next input.
    void vector(float[] values) {
        vectors.add(values);
    }

    /// Begins the answer; [#write] goes on with it until it says that all is written.
    ///
    /// @param onDrained called when the client has taken enough after [#isFull] was true
    void begin(int tokens, long nowNanos, Runnable onDrained) {
        promptTokens = tokens;
        Reply.processingTime(response, nowNanos - head.arrivalNanos());
        EmbeddingsAnswer.opening(out);
        if (!isSmall()) {
            Reply.jsonHead(response, head.id());
            response.setWriteQueueMaxSize(PIECE_BYTES);
            response.drainHandler(drained -> onDrained.run());
        }
    }

    private boolean isSmall() {
        long numbers = 0;
        for (float[] vector : vectors) {
            numbers += vector.length;
        }
        return numbers * NUMBER_BYTES + (long) vectors.size() * ENVELOPE_BYTES <= WHOLE_BYTES;
    }

    /// Writes as much as the client takes.
    ///
    /// @return true if that was the end
    boolean write() {
        boolean whole = !response.isChunked();
        while (written < vectors.size()) {
            if (!whole && response.writeQueueFull()) {
                return false;
            }
            EmbeddingsAnswer.vector(out, written, vectors.get(written), encoding);
            written++;
            if (!whole && out.size() >= PIECE_BYTES) {
                response.write(Buffer.buffer(out.toByteArray()));
                out.clear();
            }
        }
        EmbeddingsAnswer.closing(out, head.model(), promptTokens);
        if (whole) {
            Reply.json(response, 200, head.id(), out);
        } else {
            response.end(Buffer.buffer(out.toByteArray()));
        }
        return true;
    }

    /// True while the client takes less than it is given.
    boolean isFull() {
        return response.isChunked() && !response.ended() && response.writeQueueFull();
    }

    /// There will be no answer.
    ///
    /// @return the status that the client saw
    int failed(ApiError error) {
        Reply.error(response, head.id(), error);
        return Status.of(error.code());
    }
}
