package dev.millrace.protocol.openai;

import dev.millrace.core.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/// Leaves the depth of a request reader with the error to answer; never seen outside this package.
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient ApiError error;

    RefusedException(ErrorCode code, String message, @Nullable String param) {
        super(message, null, false, false);
        this.error = new ApiError(code, message, param);
    }

    static RefusedException invalid(String param, String expectation) {
        return new RefusedException(ErrorCode.INVALID_REQUEST, param + ": expected " + expectation + ".", param);
    }

    static RefusedException unsupported(String param, String message) {
        return new RefusedException(ErrorCode.UNSUPPORTED_VALUE, param + ": " + message, param);
    }

    ApiError error() {
        return error;
    }
}
