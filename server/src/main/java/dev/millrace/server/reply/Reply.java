package dev.millrace.server.reply;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Writes heads and whole bodies of replies. *Confined to the event loop of the response.*
public final class Reply {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int RETRY_AFTER_MIN_MS = 500;
    private static final int RETRY_AFTER_SPREAD_MS = 1_000;

    private Reply() {}

    /// Sends a JSON body.
    public static Future<Void> json(HttpServerResponse response, int status, RequestId id, JsonBytes body) {
        return send(response, status, id, HeaderNames.JSON, Buffer.buffer(body.toByteArray()));
    }

    /// Sends a body of any type.
    public static Future<Void> send(
            HttpServerResponse response, int status, RequestId id, CharSequence contentType, Buffer body) {
        if (status != 200) {
            response.setStatusCode(status);
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, contentType)
                .putHeader(HeaderNames.REQUEST_ID, id.value())
                .putHeader(HeaderNames.CONTENT_TYPE_OPTIONS, HeaderNames.NOSNIFF);
        return response.end(body);
    }

    /// Sends an error with the status that belongs to it.
    public static Future<Void> error(HttpServerResponse response, RequestId id, ApiError error) {
        retryHeaders(response, id, error.code());
        return send(response, Status.of(error.code()), id, HeaderNames.JSON, Buffer.buffer(error.toBytes()));
    }

    /// Sends an event stream that is complete.
    public static Future<Void> wholeStream(HttpServerResponse response, RequestId id, Buffer events) {
        eventHead(response, id);
        return response.end(events);
    }

    /// Prepares the head of a JSON body that is sent in pieces.
    public static void jsonHead(HttpServerResponse response, RequestId id) {
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, HeaderNames.JSON)
                .putHeader(HeaderNames.REQUEST_ID, id.value())
                .putHeader(HeaderNames.CONTENT_TYPE_OPTIONS, HeaderNames.NOSNIFF);
    }

    /// Prepares the head of an event stream.
    public static void streamHead(HttpServerResponse response, RequestId id) {
        response.setChunked(true);
        eventHead(response, id);
    }

    private static void eventHead(HttpServerResponse response, RequestId id) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, HeaderNames.EVENT_STREAM)
                .putHeader(HttpHeaders.CACHE_CONTROL, HeaderNames.NO_CACHE)
                .putHeader(HeaderNames.ACCEL_BUFFERING, HeaderNames.NO)
                .putHeader(HeaderNames.REQUEST_ID, id.value());
    }

    /// Adds the time the request took up to now.
    public static void processingTime(HttpServerResponse response, long nanos) {
        response.putHeader(HeaderNames.PROCESSING_MS, Long.toString(nanos / NANOS_PER_MILLI));
    }

    /// Adds the time the request waited for its model and its place; nothing if the head is out already, as it
    /// is when a stream waited audibly.
    public static void queueTime(HttpServerResponse response, long nanos) {
        if (!response.headWritten()) {
            response.putHeader(HeaderNames.QUEUE_MS, Long.toString(nanos / NANOS_PER_MILLI));
        }
    }

    /// Adds where in the queue the request began to wait; nothing if the head is out already.
    public static void queuePosition(HttpServerResponse response, int position) {
        if (!response.headWritten()) {
            response.putHeader(HeaderNames.QUEUE_POSITION, Integer.toString(position));
        }
    }

    /// Says when asking again makes sense, where more is known than chance; `null` adds nothing.
    public static void retryAfter(HttpServerResponse response, @Nullable Duration time) {
        if (time != null && !response.headWritten()) {
            long millis = Math.max(1, time.toMillis());
            response.putHeader(HeaderNames.RETRY_AFTER_MS, Long.toString(millis))
                    .putHeader(HttpHeaders.RETRY_AFTER, Long.toString(Math.ceilDiv(millis, 1_000)));
        }
    }

    private static void retryHeaders(HttpServerResponse response, RequestId id, ErrorCode code) {
        int status = Status.of(code);
        if (response.headers().contains(HttpHeaders.RETRY_AFTER)) {
            response.putHeader(HeaderNames.SHOULD_RETRY, HeaderNames.TRUE);
        } else if (Status.isWorthRetrying(code)) {
            // Spread by the id, so that those who were refused together do not come back together.
            int millis = RETRY_AFTER_MIN_MS + Math.floorMod(id.value().hashCode(), RETRY_AFTER_SPREAD_MS);
            response.putHeader(HeaderNames.RETRY_AFTER_MS, Integer.toString(millis))
                    .putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(Math.ceilDiv(millis, 1_000)))
                    .putHeader(HeaderNames.SHOULD_RETRY, HeaderNames.TRUE);
        } else if (status >= 500 || status == 408) {
            // Work was done for it, or it would end the same way: clients retry these by themselves otherwise.
            response.putHeader(HeaderNames.SHOULD_RETRY, HeaderNames.FALSE);
        }
    }
}
