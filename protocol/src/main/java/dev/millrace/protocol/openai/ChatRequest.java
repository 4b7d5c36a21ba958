package dev.millrace.protocol.openai;

import java.util.List;
import java.util.Map;

/// A request to `/v1/chat/completions`. *Immutable.*
///
/// @param messages at least one
/// @param templateArguments `chat_template_kwargs`: strings, numbers, booleans, lists and maps of these
public record ChatRequest(RequestFields fields, List<Message> messages, Map<String, Object> templateArguments) {
    /// Most messages.
    public static final int MAX_MESSAGES = 4096;

    public ChatRequest {
        messages = List.copyOf(messages);
        templateArguments = Map.copyOf(templateArguments);
    }

    /// One message.
    ///
    /// @param content its text; text parts are joined by line ends
    public record Message(Role role, String content) {}

    /// Who speaks, as the dialect names it.
    public enum Role {
        SYSTEM,
        DEVELOPER,
        USER,
        ASSISTANT,
        TOOL
    }
}
