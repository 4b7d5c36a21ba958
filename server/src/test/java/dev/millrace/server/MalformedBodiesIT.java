package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The P rows of the fault list over real sockets: each field of both endpoints with values it must not have.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MalformedBodiesIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETION = "/v1/completions";
    private static final List<String> NOT_BOOLEAN = List.of("1", "\"true\"", "[]", "{}");
    private static final List<String> NOT_COUNT = List.of("\"5\"", "1.5", "[]", "{}", "true", "99999999999999999999");
    private static final List<String> NOT_NUMBER = List.of("\"x\"", "[]", "{}", "true", "1e999", "-1e308");
    private static final Map<String, List<String>> WRONG = new TreeMap<>(Map.ofEntries(
            Map.entry("model", List.of("7", "[]", "{}", "true", "\"a\\u0000\"")),
            Map.entry("stream", NOT_BOOLEAN),
            Map.entry("ignore_eos", NOT_BOOLEAN),
            Map.entry("cache_prompt", NOT_BOOLEAN),
            Map.entry("max_tokens", NOT_COUNT),
            Map.entry("min_tokens", NOT_COUNT),
            Map.entry("top_k", NOT_COUNT),
            Map.entry("seed", NOT_COUNT),
            Map.entry("temperature", NOT_NUMBER),
            Map.entry("top_p", NOT_NUMBER),
            Map.entry("min_p", NOT_NUMBER),
            Map.entry("presence_penalty", NOT_NUMBER),
            Map.entry("frequency_penalty", NOT_NUMBER),
            Map.entry("repeat_penalty", NOT_NUMBER),
            Map.entry("stop", List.of("7", "{}", "true", "[7]", "[\"\"]", "\"\\ud800\"")),
            Map.entry("stream_options", List.of("7", "[]", "\"x\"", "true")),
            Map.entry("logit_bias", List.of("7", "[]", "\"x\"", "{\"x\":1}", "{\"1\":\"a\"}", "{\"1\":1e9}")),
            Map.entry("n", List.of("0", "-1", "2", "1000000", "\"1\""))));

    /// The nearest values that are too much.
    private static final Map<String, List<String>> OUTSIDE = new TreeMap<>(Map.of(
            "temperature", List.of("2.01", "-0.01"),
            "top_p", List.of("1.01", "-0.01"),
            "min_p", List.of("1.01", "-0.01"),
            "presence_penalty", List.of("2.01", "-2.01"),
            "frequency_penalty", List.of("2.01", "-2.01")));

    private final FakeEngine engine =
            new FakeEngine("fake").playing(call -> call.queued().token("ok").finished(FinishReason.STOP));
    private final TestServer server = TestServer.with(engine);

    static Stream<Arguments> malformed() {
        List<Arguments> all = new ArrayList<>();
        for (Map<String, List<String>> wrong : List.of(WRONG, OUTSIDE)) {
            wrong.forEach((field, values) -> values.forEach(value -> {
                all.add(Arguments.of(CHAT, field, value));
                all.add(Arguments.of(COMPLETION, field, value));
            }));
        }
        return all.stream();
    }

    @ParameterizedTest(name = "{0} {1}={2}")
    @MethodSource("malformed")
    void wrongValueIsRefusedByName(String path, String field, String value) throws Exception {
        String input =
                path.equals(CHAT) ? "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" : "\"prompt\":\"hi\"";
        String model = field.equals("model") ? "" : "\"model\":\"fake\",";
        String body = "{" + model + input + ",\"" + field + "\":" + value + "}";
        try (var client = new RawClient(server.port())) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            String response = client.readToEnd();

            assertThat(RawClient.status(response)).as(response).isEqualTo(400);
            assertThat(response)
                    .containsPattern("\"param\":\"" + field + "[^\"]*\"")
                    .contains("\"type\":\"invalid_request_error\"")
                    .doesNotContain("Exception", "java", "\tat ");
        }
    }

    @Test
    void tableIsAsLargeAsItClaims() {
        assertThat(malformed()).hasSizeGreaterThan(180);
    }

    @AfterAll
    void isHealthyAfterAndNothingReachedTheEngine() throws Exception {
        assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(server.post(CHAT, TestServer.chat("fake")).statusCode()).isEqualTo(200);
        server.close();
    }
}
