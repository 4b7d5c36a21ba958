package dev.millrace.protocol.openai;

/// Why an answer ended, in the dialect's words.
public enum FinishWord {
    /// The model ended it, or a stop string appeared.
    STOP("stop"),
    /// The token limit or the end of the context.
    LENGTH("length");

    private final String wireName;

    FinishWord(String wireName) {
        this.wireName = wireName;
    }

    /// `stop` or `length`.
    public String wireName() {
        return wireName;
    }
}
