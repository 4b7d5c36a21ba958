package dev.millrace.server.generate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.engine.GenerationEvent;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.AnswerWriter;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.TokenChances;
import dev.millrace.server.reply.Reply;
import dev.millrace.server.reply.Status;
import dev.millrace.server.translate.AnswerTranslator;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/// Sends an answer as server-sent events, each token as its own event; tokens that are there together share one
/// write.
final class StreamOutput implements AnswerOutput {
    /// Most bytes that wait for one client before its sequence is paused.
    private static final int WRITE_QUEUE_BYTES = 64 * 1024;

    /// Written out when it grows over this, so that back-pressure is noticed in the middle of a long answer.
    private static final int FLUSH_BYTES = 16 * 1024;

    private static final Buffer HEARTBEAT = Buffer.buffer(": ping\n\n".getBytes(US_ASCII));

    private final HttpServerResponse response;
    private final CallHead head;
    private final AnswerWriter writer;
    private final boolean usageAsked;
    private final Runnable onDrained;
    private final JsonBytes out = new JsonBytes(512);
    private boolean headSent;
    private long lastWriteNanos;

    /// @param onDrained called when the client has taken enough after [#isFull] was true
    StreamOutput(
            HttpServerResponse response, CallHead head, AnswerWriter writer, boolean usageAsked, Runnable onDrained) {
        this.response = response;
        this.head = head;
        this.writer = writer;
        this.usageAsked = usageAsked;
        this.onDrained = onDrained;
    }

    @Override
    public void accepted(long nowNanos) {
        if (!headSent) {
            headSent = true;
            Reply.streamHead(response, head.id());
            Reply.processingTime(response, nowNanos - head.arrivalNanos());
            response.setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
            response.drainHandler(drained -> onDrained.run());
            writer.start(out);
            lastWriteNanos = nowNanos;
        }
    }

    @Override
    public void token(GenerationEvent.Token token) {
        TokenChances chances = AnswerTranslator.chances(token.logprob());
        if (!token.text().isEmpty() || chances != null) {
            writer.delta(out, token.text(), chances);
        }
        if (out.size() > FLUSH_BYTES) {
            write();
        }
    }

    @Override
    public void flush(long nowNanos) {
        if (out.size() > 0) {
            write();
            lastWriteNanos = nowNanos;
        } else if (headSent && !response.headWritten()) {
            response.writeHead(); // a plain completion has no opening event, but its client waits for headers
        }
    }

    @Override
    public void finished(GenerationEvent.Finished finished, long nowNanos) {
        accepted(nowNanos);
        writer.finish(out, AnswerTranslator.word(finished.reason()));
        if (usageAsked) {
            writer.usage(out, AnswerTranslator.usage(finished.usage()), AnswerTranslator.timings(finished.timings()));
        }
        AnswerWriter.done(out);
        response.end(take());
    }

    @Override
    public int failed(ApiError error, long nowNanos) {
        if (!headSent) {
            Reply.error(response, head.id(), error);
            return Status.of(error.code());
        }
        AnswerWriter.error(out, error);
        response.end(take());
        return 200;
    }

    @Override
    public boolean isFull() {
        return headSent && !response.ended() && response.writeQueueFull();
    }

    @Override
    public void heartbeat(long nowNanos, long silentSinceNanos) {
        if (headSent && lastWriteNanos <= silentSinceNanos && !isFull()) {
            response.write(HEARTBEAT);
            lastWriteNanos = nowNanos;
        }
    }

    private void write() {
        response.write(take());
    }

    private Buffer take() {
        Buffer buffer = Buffer.buffer(out.toByteArray());
        out.clear();
        return buffer;
    }
}
