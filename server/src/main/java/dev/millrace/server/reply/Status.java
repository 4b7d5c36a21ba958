package dev.millrace.server.reply;

import dev.millrace.core.error.ErrorCode;

/// The HTTP status of each error.
public final class Status {
    /// The client closed its connection; never sent, only logged.
    public static final int CLIENT_LEFT = 499;

    private Status() {}

    /// The status that answers `code`.
    public static int of(ErrorCode code) {
        return switch (code) {
            case INVALID_JSON,
                    INVALID_UTF8,
                    INVALID_REQUEST,
                    UNSUPPORTED_VALUE,
                    CONTEXT_LENGTH_EXCEEDED,
                    INVALID_MESSAGES,
                    INVALID_REFERENCE,
                    MALFORMED_HTTP -> 400;
            case UNAUTHORIZED -> 401;
            case NOT_ALLOWED, FORBIDDEN_ADDRESS -> 403;
            case MODEL_NOT_FOUND, NOT_FOUND -> 404;
            case METHOD_NOT_ALLOWED -> 405;
            case REQUEST_TIMEOUT -> 408;
            case MODEL_BUSY, MODEL_NOT_REMOVABLE, INTERRUPTED -> 409;
            case BODY_TOO_LARGE, TOO_LARGE -> 413;
            case URI_TOO_LONG -> 414;
            case UNSUPPORTED_MEDIA_TYPE -> 415;
            case MISDIRECTED_REQUEST, WRONG_INSTANCE -> 421;
            case INVALID_MODEL -> 422;
            case QUEUE_FULL, UPSTREAM_RATE_LIMIT -> 429;
            case HEADERS_TOO_LARGE -> 431;
            case CANCELLED, SLOW_READER -> CLIENT_LEFT;
            case INTERNAL_ERROR, STORAGE_FAILED -> 500;
            case ENGINE_LOST, DIGEST_MISMATCH, UPSTREAM_ERROR, UPSTREAM_REFUSED -> 502;
            case QUEUE_TIMEOUT,
                    SERVER_SHUTDOWN,
                    MODEL_LOADING,
                    MODEL_LOAD_FAILED,
                    INSUFFICIENT_MEMORY,
                    MODEL_UNLOADED,
                    MODEL_STOPPING,
                    UPSTREAM_UNAVAILABLE,
                    UPSTREAM_BUSY,
                    POOL_EXHAUSTED -> 503;
            case MODEL_LOAD_TIMEOUT, FIRST_TOKEN_TIMEOUT, IDLE_TIMEOUT, TOTAL_TIMEOUT, STALLED, NOT_CACHED -> 504;
            case INSUFFICIENT_STORAGE -> 507;
            case LOOP_DETECTED -> 508;
        };
    }

    /// True if the same request may work a little later.
    static boolean isWorthRetrying(ErrorCode code) {
        return switch (code) {
            case QUEUE_FULL,
                    QUEUE_TIMEOUT,
                    SERVER_SHUTDOWN,
                    MODEL_LOADING,
                    MODEL_LOAD_TIMEOUT,
                    MODEL_STOPPING,
                    UPSTREAM_UNAVAILABLE,
                    UPSTREAM_BUSY,
                    UPSTREAM_RATE_LIMIT,
                    POOL_EXHAUSTED -> true;
            case INVALID_JSON,
                    INVALID_UTF8,
                    INVALID_REQUEST,
                    UNSUPPORTED_VALUE,
                    CONTEXT_LENGTH_EXCEEDED,
                    INVALID_MESSAGES,
                    MALFORMED_HTTP,
                    MODEL_NOT_FOUND,
                    NOT_FOUND,
                    METHOD_NOT_ALLOWED,
                    REQUEST_TIMEOUT,
                    BODY_TOO_LARGE,
                    URI_TOO_LONG,
                    UNSUPPORTED_MEDIA_TYPE,
                    MISDIRECTED_REQUEST,
                    HEADERS_TOO_LARGE,
                    CANCELLED,
                    SLOW_READER,
                    INSUFFICIENT_MEMORY,
                    MODEL_UNLOADED,
                    INTERNAL_ERROR,
                    ENGINE_LOST,
                    MODEL_LOAD_FAILED,
                    FIRST_TOKEN_TIMEOUT,
                    IDLE_TIMEOUT,
                    TOTAL_TIMEOUT,
                    NOT_ALLOWED,
                    MODEL_BUSY,
                    MODEL_NOT_REMOVABLE,
                    INVALID_REFERENCE,
                    FORBIDDEN_ADDRESS,
                    TOO_LARGE,
                    INVALID_MODEL,
                    UNAUTHORIZED,
                    INTERRUPTED,
                    DIGEST_MISMATCH,
                    STALLED,
                    UPSTREAM_ERROR,
                    UPSTREAM_REFUSED,
                    WRONG_INSTANCE,
                    LOOP_DETECTED,
                    NOT_CACHED,
                    INSUFFICIENT_STORAGE,
                    STORAGE_FAILED -> false;
        };
    }
}
