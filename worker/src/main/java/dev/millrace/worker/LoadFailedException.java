package dev.millrace.worker;

import org.jspecify.annotations.Nullable;

/// A worker could not load its model; nothing is left behind by the attempt.
public final class LoadFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param message for people: what is wrong and what to do
    public LoadFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
