package dev.millrace.core.error;

/// Who can do something about an error.
public enum ErrorCategory {
    /// The caller sent something that can never work as it is.
    CLIENT,
    /// The request was fine, there was no room or no time for it; later may work.
    CAPACITY,
    /// Something we depend on failed.
    UPSTREAM,
    /// A fault of ours.
    INTERNAL
}
