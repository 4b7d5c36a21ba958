package dev.millrace.gateway.retry;

/// What went wrong with one attempt.
public enum Fault {
    /// No connection was made.
    CONNECT,
    /// The connection broke before anything of the answer came.
    RESET_BEFORE_ANSWER,
    /// A reused connection gave no byte: the server had closed it, and nothing was done there.
    STALE_CONNECTION,
    /// A 5xx that is the server's own fault (500, 502, 504).
    SERVER_ERROR,
    /// It has too much to do (429, 503).
    BUSY,
    /// The answer is not one.
    MALFORMED,
    /// The answer broke off before any content was shown.
    CUT,
    /// It does not hold the model.
    WRONG_MODEL,
    /// No first token came in time.
    SILENT,
    /// A 4xx: the request itself is at fault.
    REFUSED,
    /// All connections to it are in use.
    POOL_EXHAUSTED
}
