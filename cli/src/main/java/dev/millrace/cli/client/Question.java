package dev.millrace.cli.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is asked of a model. *Immutable.*
///
/// @param model its name
/// @param options settings of the answer; what is `null` is left to the server
public record Question(String model, List<Message> messages, Options options) {
    public Question {
        messages = List.copyOf(messages);
    }

    /// @param maxTokens most tokens of the answer
    /// @param temperature 0 = always the most likely token
    /// @param seed makes the answer repeatable
    public record Options(
            @Nullable Integer maxTokens,
            @Nullable Double temperature,
            @Nullable Long seed) {
        /// As the server likes.
        public static final Options NONE = new Options(null, null, null);
    }
}
