package dev.millrace.server;

import org.jspecify.annotations.Nullable;

/// The server could not start; nothing was left behind.
public final class ServerStartException extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param message for people: what is wrong and what to do
    public ServerStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
