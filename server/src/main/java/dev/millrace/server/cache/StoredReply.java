package dev.millrace.server.cache;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import dev.millrace.gateway.cache.StoredAnswer;
import dev.millrace.server.account.CallSummary;
import dev.millrace.server.account.CallSummary.CacheUse;
import dev.millrace.server.account.CallSummary.Operation;
import dev.millrace.server.generate.CallHead;
import dev.millrace.server.reply.HeaderNames;
import dev.millrace.server.reply.Reply;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;

/// Gives a stored answer again: the same bytes with the new request's id, in one write. *Confined to the event
/// loop of the response.*
final class StoredReply {
    private static final String CHAT_PREFIX = "chatcmpl-";
    private static final String COMPLETION_PREFIX = "cmpl-";

    private StoredReply() {}

    /// @param word for the header that says what the cache did
    static void send(HttpServerResponse response, CallHead head, StoredAnswer answer, String word, long ageSeconds) {
        Buffer body = body(head, answer);
        response.putHeader(HeaderNames.CACHE, word).putHeader(HttpHeaders.AGE, Long.toString(ageSeconds));
        switch (answer.kind()) {
            case WHOLE_JSON -> Reply.send(response, 200, head.id(), HeaderNames.JSON, body);
            case EVENT_STREAM -> Reply.wholeStream(response, head.id(), body);
        }
    }

    /// The answer's bytes for this request.
    static Buffer body(CallHead head, StoredAnswer answer) {
        byte[] id = id(head.operation(), head.id()).getBytes(US_ASCII);
        return BufferInternal.buffer(Unpooled.wrappedBuffer(answer.payload().withId(id)));
    }

    private static String id(Operation operation, RequestId id) {
        return switch (operation) {
            case CHAT -> CHAT_PREFIX + id.value();
            case TEXT_COMPLETION -> COMPLETION_PREFIX + id.value();
            case EMBEDDINGS -> id.value(); // are not stored, and have none
        };
    }

    static CallSummary summary(CallHead head, StoredAnswer answer, CacheUse use, long nowNanos) {
        boolean atLength = !answer.finishReasons().isEmpty()
                && answer.finishReasons().getFirst().equals("length");
        return new CallSummary(
                head.id(),
                head.operation(),
                head.model(),
                head.stream(),
                200,
                null,
                atLength ? FinishReason.LENGTH : FinishReason.STOP,
                new Usage(answer.promptTokens(), 0, answer.completionTokens()),
                Timings.NONE,
                0,
                0,
                nowNanos - head.arrivalNanos(),
                use);
    }
}
