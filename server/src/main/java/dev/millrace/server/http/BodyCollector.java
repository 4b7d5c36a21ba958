package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.loop.DeadlineList;
import dev.millrace.server.loop.Deadlined;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Takes in a request's body up to a limit, at no less than a minimum pace. *Confined to its event loop.*
final class BodyCollector extends Deadlined {
    /// A client that keeps this pace is never too slow, whatever the size.
    private static final long MIN_BYTES_PER_SECOND = 1024;

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final ApiError TOO_LARGE =
            ApiError.of(ErrorCode.BODY_TOO_LARGE, "The body is larger than limits.body allows.");
    private static final ApiError TOO_SLOW = ApiError.of(ErrorCode.REQUEST_TIMEOUT, "The body did not arrive in time.");
    private static final ApiError STOPPING =
            ApiError.of(ErrorCode.SERVER_SHUTDOWN, "The server is stopping; try again later.");

    private final HttpServerRequest request;
    private final Limits limits;
    private final DeadlineList deadlines;
    private final Consumer<byte[]> onBody;
    private final Consumer<ApiError> onRefused;
    private final long startNanos;
    private @Nullable Buffer collected;
    private long receivedBytes;
    private boolean growing;
    private boolean done;

    /// @param bodyBytes largest body
    /// @param graceNanos time before the pace counts
    record Limits(long bodyBytes, long graceNanos) {}

    /// Exactly one of `onBody` and `onRefused` is called, unless the connection closes first.
    BodyCollector(
            HttpServerRequest request,
            Limits limits,
            NanoClock clock,
            DeadlineList deadlines,
            Consumer<byte[]> onBody,
            Consumer<ApiError> onRefused) {
        this.request = request;
        this.limits = limits;
        this.deadlines = deadlines;
        this.onBody = onBody;
        this.onRefused = onRefused;
        this.startNanos = clock.nanoTime();
    }

    void start() {
        if (!isChunked() && RequestGuard.declaredBytes(request) > limits.bodyBytes()) {
            refuse(TOO_LARGE);
            return;
        }
        request.handler(this::chunk);
        request.endHandler(end -> complete());
        request.exceptionHandler(failure -> stop());
        deadlines.add(this);
        if (request.headers().contains(HttpHeaders.EXPECT)) {
            request.response().writeContinue();
        }
    }

    private boolean isChunked() {
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private void chunk(Buffer chunk) {
        receivedBytes += chunk.length();
        if (done) {
            return;
        }
        if (receivedBytes > limits.bodyBytes()) {
            refuse(TOO_LARGE);
        } else if (collected == null) {
            collected = chunk;
        } else {
            if (!growing) {
                // The first chunk may be a slice of the connection's own memory.
                collected =
                        Buffer.buffer(2 * collected.length() + chunk.length()).appendBuffer(collected);
                growing = true;
            }
            collected.appendBuffer(chunk);
        }
    }

    private void complete() {
        if (!done) {
            stop();
            onBody.accept(collected == null ? new byte[0] : collected.getBytes());
        }
    }

    private void refuse(ApiError error) {
        stop();
        collected = null;
        onRefused.accept(error);
    }

    private void stop() {
        done = true;
        deadlines.remove(this);
    }

    @Override
    protected void run() {
        // Nothing is posted to a body.
    }

    @Override
    protected void checkDeadlines(long nowNanos) {
        long elapsed = nowNanos - startNanos;
        long needed = (elapsed - limits.graceNanos()) / NANOS_PER_SECOND * MIN_BYTES_PER_SECOND;
        if (elapsed > limits.graceNanos() && receivedBytes <= needed) {
            refuse(TOO_SLOW);
        }
    }

    @Override
    protected void shutDown() {
        refuse(STOPPING);
    }
}
