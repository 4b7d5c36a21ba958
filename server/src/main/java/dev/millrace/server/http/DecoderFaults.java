package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.openai.ApiError;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.jspecify.annotations.Nullable;

/// What a failure of the HTTP decoder means for the client.
final class DecoderFaults {
    private static final ApiError MALFORMED =
            ApiError.of(ErrorCode.MALFORMED_HTTP, "The request is not well-formed HTTP/1.1.");
    private static final ApiError LONG_URI =
            ApiError.of(ErrorCode.URI_TOO_LONG, "The request target is longer than 8 KiB.");
    private static final ApiError LARGE_HEADERS =
            ApiError.of(ErrorCode.HEADERS_TOO_LARGE, "The header fields are larger than 16 KiB together.");

    private DecoderFaults() {}

    static ApiError error(@Nullable Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException ignored -> LONG_URI;
            case TooLongHttpHeaderException ignored -> LARGE_HEADERS;
            case null, default -> MALFORMED;
        };
    }
}
