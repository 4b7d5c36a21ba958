package dev.millrace.core.error;

import static dev.millrace.core.error.ErrorCategory.CAPACITY;
import static dev.millrace.core.error.ErrorCategory.CLIENT;
import static dev.millrace.core.error.ErrorCategory.INTERNAL;
import static dev.millrace.core.error.ErrorCategory.UPSTREAM;

/// Every error a caller can meet. The lower-case name is the `code` on the wire, in logs and in metrics.
public enum ErrorCode {
    /// The body is not a JSON object, or breaks a limit of JSON parsing.
    INVALID_JSON(CLIENT),
    /// The body is not UTF-8.
    INVALID_UTF8(CLIENT),
    /// A field is missing, has the wrong type or is out of range.
    INVALID_REQUEST(CLIENT),
    /// A field or value that would change the meaning of the answer and is not supported.
    UNSUPPORTED_VALUE(CLIENT),
    /// Prompt, or prompt and `max_tokens` together, do not fit the model's context.
    CONTEXT_LENGTH_EXCEEDED(CLIENT),
    /// The chat template of the model refused the messages.
    INVALID_MESSAGES(CLIENT),
    /// No such model here.
    MODEL_NOT_FOUND(CLIENT),
    /// No such route.
    NOT_FOUND(CLIENT),
    /// The route exists, the method does not.
    METHOD_NOT_ALLOWED(CLIENT),
    /// The body is larger than the limit.
    BODY_TOO_LARGE(CLIENT),
    /// The content type or content encoding is not accepted.
    UNSUPPORTED_MEDIA_TYPE(CLIENT),
    /// The `Host` or `Origin` is not one this server answers to.
    MISDIRECTED_REQUEST(CLIENT),
    /// The bytes on the connection are not one clear HTTP/1.1 request.
    MALFORMED_HTTP(CLIENT),
    /// The request target is longer than the limit.
    URI_TOO_LONG(CLIENT),
    /// Too many header fields, or too many bytes of them.
    HEADERS_TOO_LARGE(CLIENT),
    /// The head or the body did not arrive in time.
    REQUEST_TIMEOUT(CLIENT),
    /// The caller cancelled, or its connection closed.
    CANCELLED(CLIENT),
    /// Something that this server is set up not to do.
    NOT_ALLOWED(CLIENT),
    /// Requests run on the model or wait for it, so it cannot be removed.
    MODEL_BUSY(CLIENT),
    /// The model is not one that can be removed.
    MODEL_NOT_REMOVABLE(CLIENT),
    /// What to download is not named in a way that is understood, or names nothing that there is one of.
    INVALID_REFERENCE(CLIENT),
    /// A host or an address that must not be spoken to.
    FORBIDDEN_ADDRESS(CLIENT),
    /// The model is larger than allowed.
    TOO_LARGE(CLIENT),
    /// What was downloaded is not a model that can be loaded.
    INVALID_MODEL(CLIENT),
    /// The source wants a token, another token, or terms to be accepted.
    UNAUTHORIZED(CLIENT),
    /// A download was stopped; what came is kept.
    INTERRUPTED(CLIENT),
    /// The bytes that came are not those that were asked for.
    DIGEST_MISMATCH(UPSTREAM),
    /// Nothing, or next to nothing, came for too long.
    STALLED(UPSTREAM),
    /// The source failed, or the upstream did.
    UPSTREAM_ERROR(UPSTREAM),
    /// The upstream does not accept the key that this server has for it.
    UPSTREAM_REFUSED(UPSTREAM),
    /// No upstream that offers the model can take a request now.
    UPSTREAM_UNAVAILABLE(CAPACITY),
    /// The upstream has too much to do.
    UPSTREAM_BUSY(CAPACITY),
    /// The upstream's limit of requests for this server's key is reached.
    UPSTREAM_RATE_LIMIT(CAPACITY),
    /// All connections to the upstream were in use for too long.
    POOL_EXHAUSTED(CAPACITY),
    /// A gateway asked for a model that this instance does not hold.
    WRONG_INSTANCE(CLIENT),
    /// The request went through too many gateways, or in a circle.
    LOOP_DETECTED(UPSTREAM),
    /// The request accepts nothing but a stored answer, and there is none.
    NOT_CACHED(CAPACITY),
    /// The disk has no room.
    INSUFFICIENT_STORAGE(CAPACITY),
    /// The disk failed.
    STORAGE_FAILED(INTERNAL),
    /// Too many requests at once and the queue is full.
    QUEUE_FULL(CAPACITY),
    /// Waited in the queue until its deadline.
    QUEUE_TIMEOUT(CAPACITY),
    /// No first token in time.
    FIRST_TOKEN_TIMEOUT(CAPACITY),
    /// No token for too long in the middle of an answer.
    IDLE_TIMEOUT(CAPACITY),
    /// The whole answer took too long.
    TOTAL_TIMEOUT(CAPACITY),
    /// The client did not read its stream for too long.
    SLOW_READER(CLIENT),
    /// The server is stopping.
    SERVER_SHUTDOWN(CAPACITY),
    /// The model is still loading.
    MODEL_LOADING(CAPACITY),
    /// The model did not become ready before the caller's deadline.
    MODEL_LOAD_TIMEOUT(CAPACITY),
    /// The model does not fit in memory, even with everything gone that could go.
    INSUFFICIENT_MEMORY(CAPACITY),
    /// The model is not in memory and the request did not ask to load it.
    MODEL_UNLOADED(CAPACITY),
    /// The model is leaving memory.
    MODEL_STOPPING(CAPACITY),
    /// The model could not be loaded; the server's log and `/health` say why.
    MODEL_LOAD_FAILED(INTERNAL),
    /// The engine stopped while the request was in it.
    ENGINE_LOST(INTERNAL),
    /// A fault of ours; the log has the request id.
    INTERNAL_ERROR(INTERNAL);

    private final ErrorCategory category;
    private final String wireName;

    ErrorCode(ErrorCategory category) {
        this.category = category;
        this.wireName = name().toLowerCase(java.util.Locale.ROOT);
    }

    /// Who can do something about it.
    public ErrorCategory category() {
        return category;
    }

    /// The name on the wire, for example `context_length_exceeded`.
    public String wireName() {
        return wireName;
    }
}
