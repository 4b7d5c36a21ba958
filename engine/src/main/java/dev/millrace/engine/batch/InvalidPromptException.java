package dev.millrace.engine.batch;

import dev.millrace.core.error.ErrorCode;

/// The prompt can never work with this model; nothing was started.
public final class InvalidPromptException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /// @param message for the caller: what is wrong and what to do
    public InvalidPromptException(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    /// The reason, of category `CLIENT`.
    public ErrorCode code() {
        return code;
    }
}
