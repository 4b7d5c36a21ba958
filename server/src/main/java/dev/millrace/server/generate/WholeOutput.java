package dev.millrace.server.generate;

import dev.millrace.engine.GenerationEvent;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.AnswerWriter;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.TokenChances;
import dev.millrace.server.reply.Reply;
import dev.millrace.server.reply.Status;
import dev.millrace.server.translate.AnswerTranslator;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects an answer and sends it as one JSON object. Its size is bounded by the model's context.
final class WholeOutput implements AnswerOutput {
    private static final int ENVELOPE_BYTES = 640;

    private final HttpServerResponse response;
    private final CallHead head;
    private final AnswerWriter writer;
    private final StringBuilder text = new StringBuilder(256);
    private @Nullable List<TokenChances> chances;

    WholeOutput(HttpServerResponse response, CallHead head, AnswerWriter writer, boolean logprobs) {
        this.response = response;
        this.head = head;
        this.writer = writer;
        this.chances = logprobs ? new ArrayList<>() : null;
    }

    @Override
    public void accepted(long nowNanos) {
        // The status line waits for the answer, so that whatever goes wrong has its real status.
    }

    @Override
    public void token(GenerationEvent.Token token) {
        text.append(token.text());
        TokenChances tokenChances = AnswerTranslator.chances(token.logprob());
        if (chances != null && tokenChances != null) {
            chances.add(tokenChances);
        }
    }

    @Override
    public void flush(long nowNanos) {
        // Nothing goes out before the end.
    }

    @Override
    public void finished(GenerationEvent.Finished finished, long nowNanos) {
        var out = new JsonBytes(text.length() + text.length() / 4 + ENVELOPE_BYTES);
        writer.whole(
                out,
                text,
                chances,
                AnswerTranslator.word(finished.reason()),
                AnswerTranslator.usage(finished.usage()),
                AnswerTranslator.timings(finished.timings()));
        Reply.processingTime(response, nowNanos - head.arrivalNanos());
        Reply.json(response, 200, head.id(), out);
    }

    @Override
    public int failed(ApiError error, long nowNanos) {
        Reply.error(response, head.id(), error);
        return Status.of(error.code());
    }

    @Override
    public boolean isFull() {
        return false;
    }

    @Override
    public void heartbeat(long nowNanos, long silentSinceNanos) {
        // A JSON body has no place for one.
    }
}
