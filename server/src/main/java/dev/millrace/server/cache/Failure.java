package dev.millrace.server.cache;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.server.reply.HeaderNames;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/// What a run gave in place of an answer, for those who waited for it. *Immutable.*
///
/// @param status 200 if there is nothing to show: they have to compute it themselves
/// @param body of the error
@SuppressWarnings("ArrayRecordComponent") // nobody compares failures
record Failure(
        int status,
        byte[] body,
        ErrorCode code,
        @Nullable String retryAfter,
        @Nullable String retryAfterMs) {
    static Failure of(CapturedResponse response, @Nullable ErrorCode code) {
        byte[] body = response.body();
        boolean shown = body != null && response.getStatusCode() != 200;
        return new Failure(
                shown ? response.getStatusCode() : 200,
                body == null ? new byte[0] : body,
                code == null ? ErrorCode.INTERNAL_ERROR : code,
                response.header(HttpHeaders.RETRY_AFTER),
                response.header(HeaderNames.RETRY_AFTER_MS));
    }

    boolean isShown() {
        return status != 200;
    }
}
