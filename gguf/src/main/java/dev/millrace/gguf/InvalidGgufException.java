package dev.millrace.gguf;

import java.io.IOException;

/// A file is not a GGUF model that could be loaded; the message says what is wrong, for people.
public final class InvalidGgufException extends IOException {
    private static final long serialVersionUID = 1L;

    public InvalidGgufException(String message) {
        super(message);
    }
}
