package dev.millrace.testing.upstream;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a request's body asks for, as far as a scripted answer needs it. A body that is no JSON object asks for
/// nothing. *Immutable.*
///
/// @param model as the request names it; empty if it names none
/// @param prompt the last user message, the prompt or the first input: what [Scene#echo()] answers
/// @param promptWords words of all messages, prompts or inputs
/// @param base64 whether embeddings are asked for in base64
/// @param inputs texts to embed
public record Asked(
        String model,
        boolean stream,
        boolean includeUsage,
        boolean base64,
        String prompt,
        int promptWords,
        List<String> inputs) {

    /// Reads a body.
    public static Asked of(String bodyText) {
        Map<?, ?> body = Json.object(bodyText);
        List<Map<?, ?>> messages = list(body.get("messages")).stream()
                .filter(Map.class::isInstance)
                .<Map<?, ?>>map(message -> (Map<?, ?>) message)
                .toList();
        List<String> texts = messages.isEmpty()
                ? list(body.get(body.containsKey("prompt") ? "prompt" : "input")).stream()
                        .map(Asked::text)
                        .toList()
                : messages.stream().map(message -> text(message.get("content"))).toList();
        String prompt = messages.stream()
                .filter(message -> "user".equals(message.get("role")))
                .map(message -> text(message.get("content")))
                .reduce((earlier, later) -> later)
                .orElse(texts.isEmpty() ? "" : texts.getFirst());
        return new Asked(
                body.get("model") instanceof String name ? name : "",
                Boolean.TRUE.equals(body.get("stream")),
                body.get("stream_options") instanceof Map<?, ?> options
                        && Boolean.TRUE.equals(options.get("include_usage")),
                "base64".equals(body.get("encoding_format")),
                prompt,
                texts.stream().mapToInt(Asked::words).sum(),
                texts);
    }

    static int words(String text) {
        return text.isBlank() ? 0 : text.strip().split("\\s+", -1).length;
    }

    /// A single value is a list of one; tokens stand for themselves.
    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
    }

    /// Plain text, the text parts of a message joined, or whatever else it is as Java prints it.
    private static String text(@Nullable Object content) {
        if (content instanceof List<?> parts && parts.stream().allMatch(Map.class::isInstance)) {
            return parts.stream()
                    .map(part -> ((Map<?, ?>) part).get("text"))
                    .filter(Objects::nonNull)
                    .map(Object::toString)
                    .collect(Collectors.joining());
        }
        return content == null ? "" : content.toString();
    }
}
