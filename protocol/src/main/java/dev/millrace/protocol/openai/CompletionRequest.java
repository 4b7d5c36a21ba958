package dev.millrace.protocol.openai;

import java.util.List;

/// A request to `/v1/completions`. *Immutable.*
public record CompletionRequest(RequestFields fields, PromptField prompt) {
    /// Most tokens of a prompt that is given as tokens.
    public static final int MAX_PROMPT_TOKENS = 1 << 20;

    /// The prompt, in one of its two forms.
    public sealed interface PromptField {
        /// Text, not empty.
        record Text(String text) implements PromptField {}

        /// Token ids, not empty, none negative.
        record Tokens(List<Integer> tokens) implements PromptField {
            public Tokens {
                tokens = List.copyOf(tokens);
            }
        }
    }
}
