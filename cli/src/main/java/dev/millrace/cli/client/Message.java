package dev.millrace.cli.client;

/// One message of a conversation, as it goes over the wire. *Immutable.*
///
/// @param role `system`, `user` or `assistant`
public record Message(String role, String content) {
    public static Message system(String content) {
        return new Message("system", content);
    }

    public static Message user(String content) {
        return new Message("user", content);
    }

    public static Message assistant(String content) {
        return new Message("assistant", content);
    }
}
