package dev.millrace.server.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.AnswerWriter;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.generate.CallHead;
import dev.millrace.server.reply.HeaderNames;
import dev.millrace.server.reply.Reply;
import dev.millrace.server.reply.Status;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;

/// The client's side of a relayed call. *Confined to its event loop.*
final class RelayOutput {
    private static final int WRITE_QUEUE_BYTES = 64 * 1024;
    private static final Buffer HEARTBEAT = Buffer.buffer(": ping\n\n".getBytes(US_ASCII));

    private final HttpServerResponse response;
    private final CallHead head;
    private final Runnable onDrained;
    private String backend = "";
    private int attempts;
    private boolean streaming;
    private boolean longBody;
    private long lastWriteNanos;

    /// @param onDrained called when the client has taken enough after [#isFull] was true
    RelayOutput(HttpServerResponse response, CallHead head, Runnable onDrained) {
        this.response = response;
        this.head = head;
        this.onDrained = onDrained;
        this.lastWriteNanos = head.arrivalNanos();
    }

    /// Who answers, and after how many attempts; shown in the head if it is still to come.
    void by(String upstream, int attempt) {
        backend = upstream;
        attempts = attempt;
    }

    /// Begins an event stream, if that was not done.
    void beginStream(long nowNanos) {
        if (!streaming) {
            streaming = true;
            Reply.streamHead(response, head.id());
            names(nowNanos);
            response.setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
            response.drainHandler(drained -> onDrained.run());
        }
    }

    private void names(long nowNanos) {
        Reply.processingTime(response, nowNanos - head.arrivalNanos());
        if (!backend.isEmpty()) {
            response.putHeader(HeaderNames.BACKEND, backend)
                    .putHeader(HeaderNames.ATTEMPTS, Integer.toString(attempts));
        }
    }

    /// Writes events and hands them to the connection.
    void events(JsonBytes out, long nowNanos) {
        if (out.size() > 0) {
            response.write(take(out));
            lastWriteNanos = nowNanos;
        }
    }

    /// Writes the last events.
    void endEvents(JsonBytes out) {
        response.end(take(out));
    }

    private static Buffer take(JsonBytes out) {
        Buffer buffer = BufferInternal.buffer(Unpooled.wrappedBuffer(out.toByteArray()));
        out.clear();
        return buffer;
    }

    /// A complete body.
    void whole(int status, CharSequence type, byte[] body, int length, long nowNanos) {
        names(nowNanos);
        Reply.send(response, status, head.id(), type, BufferInternal.buffer(Unpooled.wrappedBuffer(body, 0, length)));
    }

    /// Begins a body that is too long to be held.
    void beginLong(CharSequence type, long nowNanos) {
        longBody = true;
        names(nowNanos);
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                .putHeader(HeaderNames.REQUEST_ID, head.id().value());
        response.setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
        response.drainHandler(drained -> onDrained.run());
    }

    /// A piece of it.
    void piece(byte[] bytes) {
        response.write(BufferInternal.buffer(Unpooled.wrappedBuffer(bytes)));
    }

    /// Its end.
    void endLong() {
        response.end();
    }

    /// There will be no answer, or no more of it.
    ///
    /// @return the status that the client saw
    int failed(ApiError error, long nowNanos) {
        if (longBody) {
            response.reset(); // the client must not take it for whole
            return 200;
        }
        if (!streaming) {
            if (!response.headWritten() && !response.ended()) {
                names(nowNanos);
                Reply.error(response, head.id(), error);
            }
            return Status.of(error.code());
        }
        var out = new JsonBytes(256);
        AnswerWriter.error(out, error);
        response.end(take(out));
        return 200;
    }

    boolean isFull() {
        return (streaming || longBody) && !response.ended() && response.writeQueueFull();
    }

    /// Shows a sign of life if nothing was written since `silentSinceNanos` or later.
    void heartbeat(long nowNanos, long silentSinceNanos) {
        if (lastWriteNanos <= silentSinceNanos && !longBody && !isFull() && !response.ended()) {
            beginStream(nowNanos);
            response.write(HEARTBEAT);
            lastWriteNanos = nowNanos;
        }
    }
}
