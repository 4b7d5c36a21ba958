package dev.millrace.llama.template;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.ChatMessage.Role;
import dev.millrace.engine.batch.InvalidPromptException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Holds our renderings against those of Python's Jinja in `golden.jsonl`, which `tools/chat-templates/golden.py`
/// writes.
final class GoldenTemplateTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-03T14:05:09Z"), ZoneOffset.UTC);
    private static final TemplateTokens TOKENS = new TemplateTokens("<s>", "</s>", Set.of());
    private static final Map<String, Object> SNIPPET_VARIABLES = JsonReader.object("""
            {"text": " Some text\\n", "numbers": [3, 1, 2, 1], "data": {"a": 1, "b": "two", "list": [1, 2]},
             "people": [{"name": "Ann", "age": 41, "city": "Oslo", "tags": ["x"]},
                        {"name": "Bob", "city": "Bergen", "tags": []},
                        {"name": "Cid", "age": 0, "city": "Oslo", "tags": ["y"]}]}
            """);

    @TestFactory
    Stream<DynamicTest> everyGoldenCaseRendersAsInPython() {
        Map<String, Object> conversations = JsonReader.object(resource("conversations.json"));
        return resource("golden.jsonl").lines().map(line -> {
            Map<String, Object> golden = JsonReader.object(line);
            Object snippet = golden.get("snippet");
            if (snippet != null) {
                return test(snippet.toString(), golden, snippet.toString(), List.of(), SNIPPET_VARIABLES);
            }
            String template = text(golden, "template");
            String conversation = text(golden, "conversation");
            Map<String, Object> input = map(conversations, conversation);
            String source = resource("templates/" + template + ".jinja");
            return test(template + " / " + conversation, golden, source, messages(input), arguments(input));
        });
    }

    private static DynamicTest test(
            String name,
            Map<String, Object> golden,
            String source,
            List<ChatMessage> messages,
            Map<String, Object> arguments) {
        return DynamicTest.dynamicTest(name, () -> {
            String outcome = outcome(source, messages, arguments);

            assertThat(outcome).isEqualTo(expected(golden));
        });
    }

    private static String expected(Map<String, Object> golden) {
        if (golden.containsKey("refusal")) {
            return "refused: The model's chat template refuses the messages: " + golden.get("refusal");
        }
        return golden.containsKey("error") ? "refused" : "output: " + golden.get("output");
    }

    private static String outcome(String source, List<ChatMessage> messages, Map<String, Object> arguments) {
        try {
            ChatTemplate template = ChatTemplate.compile(source, TOKENS, CLOCK, () -> 0);
            return "output: " + template.render(messages, arguments).text();
        } catch (InvalidPromptException e) {
            String message = requireNonNull(e.getMessage());
            return message.contains("refuses") ? "refused: " + message : "refused";
        }
    }

    @SuppressWarnings("unchecked") // the conversations hold lists of objects
    private static List<ChatMessage> messages(Map<String, Object> conversation) {
        List<Map<String, Object>> messages = (List<Map<String, Object>>) requireNonNull(conversation.get("messages"));
        return messages.stream()
                .map(m -> new ChatMessage(Role.valueOf(text(m, "role").toUpperCase(Locale.ROOT)), text(m, "content")))
                .toList();
    }

    private static Map<String, Object> arguments(Map<String, Object> conversation) {
        return conversation.containsKey("arguments") ? map(conversation, "arguments") : Map.of();
    }

    @SuppressWarnings("unchecked") // the resources hold objects under these names
    private static Map<String, Object> map(Map<String, Object> from, String name) {
        return (Map<String, Object>) requireNonNull(from.get(name), name);
    }

    private static String text(Map<String, Object> from, String name) {
        return requireNonNull(from.get(name), name).toString();
    }

    private static String resource(String name) {
        try (InputStream in = GoldenTemplateTest.class.getResourceAsStream(name)) {
            return new String(requireNonNull(in, name).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
