package dev.millrace.engine;

/// One message of a conversation. *Immutable.*
public record ChatMessage(Role role, String content) {
    /// Who speaks.
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT,
        TOOL;

        /// The name chat templates use: `system`, `user`, `assistant`, `tool`.
        public String templateName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
