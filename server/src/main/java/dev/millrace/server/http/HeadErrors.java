package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.openai.ApiError;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.jspecify.annotations.Nullable;

/// The messages for requests that do not get past the wire guard or the HTTP decoder.
final class HeadErrors {
    private HeadErrors() {}

    static ApiError of(@Nullable Throwable decoderFault) {
        return of(
                switch (decoderFault) {
                    case TooLongHttpLineException _ -> ErrorCode.URI_TOO_LONG;
                    case TooLongHttpHeaderException _ -> ErrorCode.HEADERS_TOO_LARGE;
                    case null, default -> ErrorCode.MALFORMED_HTTP;
                });
    }

    static ApiError of(ErrorCode code) {
        String message = switch (code) {
            case URI_TOO_LONG -> "The request target is longer than 8 KiB.";
            case HEADERS_TOO_LARGE -> "More than 100 header fields, or more than 16 KiB of them.";
            case BODY_TOO_LARGE -> "The body comes in too many too small chunks.";
            case REQUEST_TIMEOUT -> "The head of the request did not arrive in time.";
            default -> "The request is not well-formed HTTP/1.1, or its length is not clear.";
        };
        return ApiError.of(code, message);
    }
}
