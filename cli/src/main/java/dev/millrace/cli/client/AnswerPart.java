package dev.millrace.cli.client;

/// A piece of a streamed answer.
public sealed interface AnswerPart {
    /// More text; never empty.
    record Text(String text) implements AnswerPart {}

    /// Why the answer ended: `stop`, `length`.
    record Finished(String reason) implements AnswerPart {}

    /// What it cost.
    ///
    /// @param tokensPerSecond as the server timed it; 0 if it does not say
    record Cost(int promptTokens, int cachedTokens, int completionTokens, double tokensPerSecond)
            implements AnswerPart {}
}
