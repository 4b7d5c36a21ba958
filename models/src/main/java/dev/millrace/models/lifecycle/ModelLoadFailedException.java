package dev.millrace.models.lifecycle;

/// A model could not be started; the message is a sentence for the person who asked. *Immutable.*
public final class ModelLoadFailedException extends Exception {
    private static final long serialVersionUID = 1;

    /// A failure with its reason in words.
    public ModelLoadFailedException(String message) {
        super(message);
    }

    /// A failure with its reason in words and what was thrown.
    public ModelLoadFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
