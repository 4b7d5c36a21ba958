package dev.millrace.gateway.fleet;

/// How one attempt at an endpoint ended, as far as its health is concerned.
public enum Outcome {
    /// It answered as it should.
    ANSWERED,
    /// It could not be reached, broke off, was silent for too long, sent nonsense or a 5xx that is its own fault.
    FAILED,
    /// It said that it has too much to do (429, or 503 with a time to wait).
    BUSY,
    /// It does not hold the model that it was asked for.
    WRONG_MODEL,
    /// The end says nothing about it: the client left, or the request itself was at fault.
    UNDECIDED
}
