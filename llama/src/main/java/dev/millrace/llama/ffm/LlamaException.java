package dev.millrace.llama.ffm;

/// llama.cpp refused or failed; what it was asked to make does not exist and nothing of it is left in memory.
public class LlamaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LlamaException(String message) {
        super(message);
    }

    public LlamaException(String message, Throwable cause) {
        super(message, cause);
    }
}
