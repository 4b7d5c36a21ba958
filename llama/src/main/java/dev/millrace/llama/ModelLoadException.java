package dev.millrace.llama;

import java.io.IOException;

/// The file cannot be served; nothing of it is left in memory. The message says what is wrong with it.
public final class ModelLoadException extends IOException {
    private static final long serialVersionUID = 1L;

    ModelLoadException(String message) {
        super(message);
    }

    ModelLoadException(String message, Throwable cause) {
        super(message, cause);
    }
}
