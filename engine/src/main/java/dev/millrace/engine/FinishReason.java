package dev.millrace.engine;

/// Why a generation ended.
public enum FinishReason {
    /// The model ended its answer, or a stop string appeared.
    STOP,
    /// `max_tokens` or the end of the context was reached.
    LENGTH,
    /// The caller cancelled.
    CANCELLED
}
