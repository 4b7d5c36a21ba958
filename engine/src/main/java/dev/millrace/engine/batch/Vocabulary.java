package dev.millrace.engine.batch;

import dev.millrace.engine.Prompt;

/// Turns prompts into tokens and tokens into bytes. *Thread-safe.*
public interface Vocabulary {
    /// Number of tokens; ids are `0..size() - 1`.
    int size();

    /// The tokens of a prompt, begin-of-sequence included where the model wants one; never empty.
    ///
    /// @throws InvalidPromptException if the prompt cannot be tokenised or templated
    int[] encode(Prompt prompt) throws InvalidPromptException;

    /// The tokens of a text that nothing will follow: those of [#encode], with the token that ends a text where the
    /// model wants one. Tokens that are given as such stay as they are.
    ///
    /// @throws InvalidPromptException as for [#encode]
    default int[] encodeWhole(Prompt prompt) throws InvalidPromptException {
        return encode(prompt);
    }

    /// The bytes a token stands for in an answer; empty for control tokens. The array belongs to the vocabulary and
    /// must not be changed.
    byte[] bytes(int token);

    /// True if the token ends an answer.
    boolean isEndOfGeneration(int token);
}
