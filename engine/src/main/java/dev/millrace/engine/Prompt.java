package dev.millrace.engine;

import java.util.List;
import java.util.Map;

/// What the model is to continue. *Immutable.*
public sealed interface Prompt {
    /// A conversation, rendered with the model's own chat template. User text cannot forge control tokens.
    ///
    /// @param templateArguments extra variables for the template (`chat_template_kwargs`): strings, numbers,
    ///     booleans, lists and maps of these
    record Chat(List<ChatMessage> messages, Map<String, Object> templateArguments) implements Prompt {
        public Chat {
            messages = List.copyOf(messages);
            templateArguments = Map.copyOf(templateArguments);
        }
    }

    /// Plain text, tokenised as it is.
    record Text(String text) implements Prompt {}

    /// Tokens as they are, each checked against the vocabulary.
    record Tokens(List<Integer> tokens) implements Prompt {
        public Tokens {
            tokens = List.copyOf(tokens);
        }
    }
}
