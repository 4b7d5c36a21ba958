package dev.millrace.server.relay;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.gateway.fleet.Outcome;
import dev.millrace.gateway.retry.Fault;
import dev.millrace.gateway.retry.RetryAfter;
import dev.millrace.protocol.openai.UpstreamError;
import java.util.Locale;

/// Why an attempt did not answer, and what the client is told if there is no other. *Immutable.*
///
/// @param status the upstream's; 0 if there was none
/// @param retryAfterNanos when it wants to be asked again; -1 if it did not say
/// @param said what it said; nothing if it did not
record AttemptFailure(Fault fault, int status, long retryAfterNanos, UpstreamError said) {
    static AttemptFailure of(Fault fault) {
        return new AttemptFailure(fault, 0, RetryAfter.UNSAID, UpstreamError.NOTHING);
    }

    /// What it says of the endpoint.
    Outcome outcome() {
        return switch (fault) {
            case CONNECT, RESET_BEFORE_ANSWER, SERVER_ERROR, MALFORMED, CUT, SILENT -> Outcome.FAILED;
            case BUSY -> Outcome.BUSY;
            case WRONG_MODEL -> Outcome.WRONG_MODEL;
            case REFUSED -> Outcome.ANSWERED;
            case STALE_CONNECTION, POOL_EXHAUSTED -> Outcome.UNDECIDED;
        };
    }

    /// The fault in metrics and logs.
    String word() {
        return fault.name().toLowerCase(Locale.ROOT);
    }

    /// The error that stands for it.
    ErrorCode code() {
        return switch (fault) {
            case CONNECT, RESET_BEFORE_ANSWER, STALE_CONNECTION, SERVER_ERROR, MALFORMED, CUT ->
                isRefusedKey() ? ErrorCode.UPSTREAM_REFUSED : ErrorCode.UPSTREAM_ERROR;
            case BUSY -> status == 429 ? ErrorCode.UPSTREAM_RATE_LIMIT : ErrorCode.UPSTREAM_BUSY;
            case WRONG_MODEL -> status == 0 ? ErrorCode.UPSTREAM_ERROR : ErrorCode.MODEL_NOT_FOUND;
            case SILENT -> ErrorCode.FIRST_TOKEN_TIMEOUT;
            case REFUSED -> ErrorCode.INVALID_REQUEST;
            case POOL_EXHAUSTED -> ErrorCode.POOL_EXHAUSTED;
        };
    }

    private boolean isRefusedKey() {
        return status == 401 || status == 403;
    }

    /// What the client reads. What the upstream itself says of its troubles is not for strangers.
    String message() {
        return switch (fault) {
            case CONNECT -> "The upstream cannot be reached; try again later.";
            case RESET_BEFORE_ANSWER, STALE_CONNECTION, CUT -> "The upstream broke off; try again later.";
            case SERVER_ERROR ->
                isRefusedKey()
                        ? "The upstream does not accept this server's key; its operator has to look at it."
                        : "The upstream failed; try again later.";
            case MALFORMED -> "What the upstream answered is not an answer.";
            case BUSY -> "The upstream has too much to do; try again later.";
            case WRONG_MODEL ->
                status == 0
                        ? "The upstream answered with another model."
                        : "No upstream holds this model now; GET /v1/models lists what there is.";
            case SILENT -> "There was no first token in time.";
            case REFUSED -> "The upstream refused the request.";
            case POOL_EXHAUSTED -> "All connections to the upstream are in use; try again later.";
        };
    }
}
