package dev.millrace.testing.upstream;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A request as it arrived. *Immutable.*
///
/// @param index how many requests arrived before: of the scripted ones, or of those for a page
/// @param connectionIndex how many connections were accepted before its own
/// @param requestOnConnection how many requests of any kind came before on its connection
/// @param path with its query
/// @param headers by lower-case name; repeated ones joined by `, `
/// @param bodyText the body as UTF-8, whatever its framing was
/// @param asked what the body asks for
public record SeenRequest(
        int index,
        int connectionIndex,
        int requestOnConnection,
        String method,
        String path,
        Map<String, String> headers,
        String bodyText,
        Asked asked) {

    /// Whether the request asks for a stream of events.
    public boolean stream() {
        return asked.stream();
    }

    /// Whether the request asks for a last event with the usage.
    public boolean includeUsage() {
        return asked.includeUsage();
    }

    /// The model that the request names; empty if it names none.
    public String model() {
        return asked.model();
    }

    /// The text of the last user message, the prompt or the first input.
    public String prompt() {
        return asked.prompt();
    }

    /// A header by its name in any case.
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }

    /// Whether the path, without its query, ends so.
    boolean isTo(String pathEnd) {
        return path.split("\\?", 2)[0].endsWith(pathEnd);
    }
}
