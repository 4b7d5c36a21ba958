package dev.millrace.protocol.sse;

/// One server-sent event. *Immutable.*
///
/// @param name its `event` field; `message` if it has none
/// @param data its `data` lines, joined by line ends
public record SseEvent(String name, String data) {
    /// The name of an event that names none.
    public static final String DEFAULT_NAME = "message";
}
