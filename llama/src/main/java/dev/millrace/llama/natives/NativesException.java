package dev.millrace.llama.natives;

import java.io.IOException;

/// No usable llama.cpp library; the message says what to do.
public final class NativesException extends IOException {
    private static final long serialVersionUID = 1L;

    NativesException(String message) {
        super(message);
    }

    NativesException(String message, Throwable cause) {
        super(message, cause);
    }
}
