package dev.millrace.server.relay;

import dev.millrace.gateway.retry.Fault;
import dev.millrace.gateway.retry.RetryAfter;
import dev.millrace.protocol.openai.UpstreamError;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/// An answer that is none: whose fault it is decides what follows. *Confined to its event loop.*
final class ErrorAnswer implements RelayAnswer {
    private static final int MOST_BYTES = 64 << 10;
    private static final int EXPECTED_BYTES = 512;
    private static final String USAGE_WISH = "stream_options";

    private final RelayAttempt attempt;
    private final int status;
    private final @Nullable String retryAfter;
    private final @Nullable String retryAfterMs;
    private final BodyBytes body = new BodyBytes(EXPECTED_BYTES);

    ErrorAnswer(RelayAttempt attempt, int status, HttpHeaders headers) {
        this.attempt = attempt;
        this.status = status;
        this.retryAfter = headers.get(HttpHeaderNames.RETRY_AFTER);
        this.retryAfterMs = headers.get("retry-after-ms");
    }

    @Override
    public void content(ByteBuf piece) {
        if (body.size() + piece.readableBytes() <= MOST_BYTES) {
            body.add(piece);
        }
    }

    @Override
    public void pause(long nowNanos) {
        // The end is awaited.
    }

    @Override
    public void ended(long nowNanos) {
        UpstreamError said = UpstreamError.read(body.bytes(), 0, body.size());
        if (status == 400 && attempt.wishedForUsage() && said.message().contains(USAGE_WISH)) {
            attempt.refusesUsage();
            return;
        }
        Fault fault = fault(said);
        long wait = fault == Fault.BUSY
                ? RetryAfter.nanosOf(retryAfter, retryAfterMs, attempt.wallSeconds())
                : RetryAfter.UNSAID;
        attempt.fail(new AttemptFailure(fault, status, wait, said));
    }

    private Fault fault(UpstreamError said) {
        return switch (status) {
            case 429, 503 -> Fault.BUSY;
            case 401, 403, 408 -> Fault.SERVER_ERROR;
            case 404, 421 -> said.isAboutMissingModel(status) ? Fault.WRONG_MODEL : Fault.SERVER_ERROR;
            default -> status >= 400 && status < 500 ? Fault.REFUSED : Fault.SERVER_ERROR;
        };
    }
}
