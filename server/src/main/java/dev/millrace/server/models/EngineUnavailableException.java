package dev.millrace.server.models;

import org.jspecify.annotations.Nullable;

/// A model cannot be run; nothing is left behind by the attempt.
public final class EngineUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param message for people: what is wrong and what to do
    public EngineUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
