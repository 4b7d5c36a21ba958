package dev.millrace.llama.ffm;

/// The listener ended the load; all memory was given back.
public final class LoadCancelledException extends LlamaException {
    private static final long serialVersionUID = 1L;

    /// Nothing more to say.
    public LoadCancelledException() {
        super("loading was cancelled");
    }
}
