package dev.millrace.server.admission;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.gateway.admission.RejectReason;
import dev.millrace.protocol.openai.ApiError;

/// What those hear who are turned away.
public final class Refusal {
    private static final ApiError FULL =
            ApiError.of(ErrorCode.QUEUE_FULL, "Too many requests at once and the queue is full; try again later.");
    private static final ApiError KEY_FULL =
            ApiError.of(ErrorCode.QUEUE_FULL, "Too many requests of this client wait already; try again later.");
    private static final ApiError MEMORY =
            ApiError.of(ErrorCode.INSUFFICIENT_MEMORY, "The server is short of memory; try again later.");
    /// For those who waited for too long.
    public static final ApiError LATE =
            ApiError.of(ErrorCode.QUEUE_TIMEOUT, "The request waited in the queue for too long; try again later.");

    private Refusal() {}

    /// The error that tells the reason.
    public static ApiError of(RejectReason reason) {
        return switch (reason) {
            case QUEUE_FULL -> FULL;
            case KEY_QUEUE_FULL -> KEY_FULL;
            case SHED, OVERLOADED -> MEMORY;
            case EXPIRED -> LATE;
        };
    }
}
