package dev.millrace.llama.template;

/// A rendering that cannot go on: the template refused the messages, has an error, or broke a limit.
final class TemplateFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean refusal;

    private TemplateFault(String message, boolean refusal) {
        super(message);
        this.refusal = refusal;
    }

    /// Something in the template that Python's Jinja would raise an error for, too.
    static TemplateFault error(String message) {
        return new TemplateFault(message, false);
    }

    /// The template called `raise_exception`.
    static TemplateFault refusal(String message) {
        return new TemplateFault(message, true);
    }

    /// True if the template itself says no, false if it failed.
    boolean isRefusal() {
        return refusal;
    }
}
