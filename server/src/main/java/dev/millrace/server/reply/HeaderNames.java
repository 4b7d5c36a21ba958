package dev.millrace.server.reply;

import io.vertx.core.http.HttpHeaders;

/// Header names and values, encoded once.
public final class HeaderNames {
    /// `x-request-id`: echoed if it is a valid id, else made.
    public static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    /// Milliseconds from arrival to the head of the reply.
    public static final CharSequence PROCESSING_MS = HttpHeaders.createOptimized("openai-processing-ms");
    /// Milliseconds a request waited for a place.
    public static final CharSequence QUEUE_MS = HttpHeaders.createOptimized("x-millrace-queue-ms");
    /// How many were to be served before a request that had to wait, and with it, when it came.
    public static final CharSequence QUEUE_POSITION = HttpHeaders.createOptimized("x-millrace-queue-position");
    /// Tells OpenAI's clients whether another try makes sense.
    public static final CharSequence SHOULD_RETRY = HttpHeaders.createOptimized("x-should-retry");

    /// `no` from a client that would rather be refused than wait for its model to be loaded.
    public static final CharSequence MODEL_WAIT = HttpHeaders.createOptimized("x-millrace-model-wait");

    /// The upstream that answered.
    public static final CharSequence BACKEND = HttpHeaders.createOptimized("x-millrace-backend");
    /// How many attempts the answer took.
    public static final CharSequence ATTEMPTS = HttpHeaders.createOptimized("x-millrace-attempts");
    /// How many gateways a request went through.
    public static final CharSequence HOPS = HttpHeaders.createOptimized("x-millrace-hops");
    /// What is left of the client's time, in milliseconds.
    public static final CharSequence TIMEOUT_MS = HttpHeaders.createOptimized("x-millrace-timeout-ms");
    /// What belongs together, for routing.
    public static final CharSequence SESSION = HttpHeaders.createOptimized("x-millrace-session");
    /// The client's trace.
    public static final CharSequence TRACE_PARENT = HttpHeaders.createOptimized("traceparent");

    /// What the response cache did; in a request, what it is asked to do.
    public static final CharSequence CACHE = HttpHeaders.createOptimized("x-millrace-cache");
    /// Names that the answer can be made invalid by, with commas between them.
    public static final CharSequence CACHE_TAGS = HttpHeaders.createOptimized("x-millrace-cache-tags");

    /// When asking again makes sense, in milliseconds.
    public static final CharSequence RETRY_AFTER_MS = HttpHeaders.createOptimized("retry-after-ms");
    static final CharSequence ACCEL_BUFFERING = HttpHeaders.createOptimized("x-accel-buffering");
    static final CharSequence CONTENT_TYPE_OPTIONS = HttpHeaders.createOptimized("x-content-type-options");
    static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
    static final CharSequence NO = HttpHeaders.createOptimized("no");
    static final CharSequence NO_CACHE = HttpHeaders.createOptimized("no-cache");
    /// The type of JSON bodies.
    public static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    static final CharSequence EVENT_STREAM = HttpHeaders.createOptimized("text/event-stream; charset=utf-8");
    static final CharSequence TRUE = HttpHeaders.createOptimized("true");
    static final CharSequence FALSE = HttpHeaders.createOptimized("false");

    private HeaderNames() {}
}
