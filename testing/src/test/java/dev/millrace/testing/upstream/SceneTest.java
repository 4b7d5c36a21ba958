package dev.millrace.testing.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SceneTest {
    private static final String STREAMED = "{\"model\":\"m\",\"stream\":true,\"messages\":"
            + "[{\"role\":\"user\",\"content\":\"first\"},{\"role\":\"user\",\"content\":\"two words\"}]}";

    @Test
    void aStreamHasTheRoleThenAWordAnEventThenTheReasonThenTheEnd() {
        String text = sent(Scene.answer("one two\nthree"), STREAMED);

        assertThat(events(text)).hasSize(6);
        assertThat(events(text).get(0)).contains("\"delta\":{\"role\":\"assistant\",\"content\":\"\"}");
        assertThat(events(text).get(2)).contains("{\"content\":\" two\"}").doesNotContain("usage");
        assertThat(events(text).get(3)).contains("{\"content\":\"\\nthree\"}");
        assertThat(events(text).get(4)).contains("\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"");
        assertThat(events(text).get(5)).isEqualTo("[DONE]");
        assertThat(text).endsWith("data: [DONE]\n\n\r\n0\r\n\r\n");
    }

    @Test
    void usageComesOnlyWhenItWasAskedForAndThenEveryOtherEventSaysNull() {
        List<String> events = events(sent(
                Scene.echo(),
                STREAMED.replace("\"stream\":true", "\"stream\":true,\"stream_options\":{\"include_usage\":true}")));

        assertThat(events).hasSize(6);
        assertThat(events.subList(0, 4)).allMatch(event -> event.endsWith("\"usage\":null}"));
        assertThat(events.get(4))
                .endsWith("\"choices\":[],\"usage\":"
                        + "{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}");
    }

    @Test
    void echoAnswersTheLastUserMessageAlsoOfPartsAndEscapes() {
        String parts = "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"caf\\u00e9 \"},"
                + "{\"type\":\"image_url\"},{\"type\":\"text\",\"text\":\"\\\"x\\\"\"}]},"
                + "{\"role\":\"tool\",\"content\":\"no\"}]}";

        assertThat(sent(Scene.echo(), parts)).contains("\"content\":\"café \\\"x\\\"\"");
    }

    @Test
    void everyEndpointHasItsShape() {
        String text = "{\"model\":\"m\",\"prompt\":\"p q\",\"input\":[\"a\",\"b\"]}";

        assertThat(sent(Scene.echo(), "/v1/completions", text))
                .contains("\"object\":\"text_completion\"", "\"text\":\"p q\"");
        assertThat(sent(Scene.echo(), "/v1/completions", text.replace("{", "{\"stream\":true,")))
                .contains("\"text\":\" q\"")
                .doesNotContain("delta", "role");
        assertThat(sent(Scene.echo(), "/v1/embeddings", "{\"input\":[\"a\",\"b\"]}"))
                .contains("\"index\":1,\"embedding\":[", "\"prompt_tokens\":2");
        assertThat(sent(Scene.echo(), "/v1/embeddings", "{\"input\":\"a\",\"encoding_format\":\"base64\"}"))
                .containsPattern("\"embedding\":\"[A-Za-z0-9+/]{43}=\"");
    }

    @Test
    void quirksOfTheStreamAreAsAsked() {
        assertThat(sent(Scene.answer("a").noDone(), STREAMED)).doesNotContain("[DONE]");
        assertThat(sent(Scene.answer("a").noFinishReason(), STREAMED))
                .contains("[DONE]")
                .doesNotContain("\"stop\"");
        assertThat(sent(Scene.answer("a").crlf(), STREAMED)).contains("data: [DONE]\r\n\r\n");
        assertThat(sent(Scene.answer("a").noSpace(), STREAMED)).contains("\ndata:[DONE]");
        assertThat(sent(Scene.answer("a").commentPings(), STREAMED)).contains(": ping\n\n");
        assertThat(sent(Scene.answer("a").noFinalBlankLine(), STREAMED)).endsWith("data: [DONE]\n\r\n0\r\n\r\n");
        assertThat(sent(Scene.answer("a").wrongModel("other"), STREAMED))
                .contains("\"model\":\"other\"")
                .doesNotContain("\"model\":\"m\"");
        assertThat(sent(Scene.answer("a").finishReason("length"), STREAMED)).contains("\"finish_reason\":\"length\"");
    }

    @Test
    void eventsAreInsertedBehindTheirNumber() {
        assertThat(events(sent(Scene.answer("a b").malformedEvent(2), STREAMED)).get(2))
                .isEqualTo("{broken");
        assertThat(events(sent(Scene.answer("a b").malformedEvent(2), STREAMED)))
                .hasSize(6);
        assertThat(events(sent(Scene.answer("a b").oversizedEvent(1, 100_000), STREAMED))
                        .get(1))
                .hasSizeGreaterThan(100_000);
        String error = sent(Scene.answer("a b").errorEvent(1), STREAMED);
        assertThat(events(error)).hasSize(2);
        assertThat(events(error).get(1)).startsWith("{\"error\":{");
        assertThat(error).endsWith("0\r\n\r\n");
    }

    @Test
    void breaksComeBehindTheirNumberAndNothingFollows() {
        List<Step> cut = steps(Scene.answer("a b").cutAfterEvents(2), STREAMED);
        List<Step> atOnce = steps(Scene.answer("a b").resetAfterEvents(0), STREAMED);
        List<Step> whole = steps(Scene.answer("a b").wholeStallAfterBytes(5), "{}");

        assertThat(cut).hasSize(4).last().isEqualTo(Step.End.FIN);
        assertThat(atOnce).hasSize(2).last().isEqualTo(Step.End.RESET);
        assertThat(whole).hasSize(3).last().isEqualTo(Step.End.STALL);
        assertThat(whole.get(1).toString()).isEqualTo("send {\"id\"");
    }

    @Test
    void waitsLieWhereTheyWereAskedFor() {
        Duration head = Duration.ofMillis(1);
        Duration first = Duration.ofMillis(2);
        Duration pace = Duration.ofMillis(3);

        List<Step> steps = steps(
                Scene.answer("a b").headersAfter(head).firstTokenAfter(first).pace(pace), STREAMED);

        assertThat(steps.get(0)).isEqualTo(Step.pause(head));
        assertThat(steps.get(3)).isEqualTo(Step.pause(first));
        assertThat(steps).filteredOn(Step.pause(pace)::equals).hasSize(4);
        assertThat(steps(Scene.hang().after(head), "{}")).containsExactly(Step.pause(head), Step.End.STALL);
    }

    @Test
    void bodiesAreFramedAsAsked() {
        assertThat(sent(Scene.answer("a").chunked(), "{}"))
                .contains("Transfer-Encoding: chunked")
                .endsWith("\r\n0\r\n\r\n");
        assertThat(steps(Scene.answer("a").untilClose(), STREAMED)).last().isEqualTo(Step.End.FIN);
        assertThat(sent(Scene.answer("a").untilClose(), STREAMED)).doesNotContain("Content-Length", "chunked");
        assertThat(sent(Scene.answer("a").connectionClose(), "{}")).contains("Connection: close\r\n");
        assertThat(sent(Scene.answer("a").closeAfterAnswer(), "{}")).doesNotContain("close");
        assertThat(steps(Scene.answer("a").closeAfterAnswer(), "{}")).last().isEqualTo(Step.End.FIN);
        assertThat(sent(Scene.emptyBody().chunked(), "{}")).endsWith("\r\n\r\n0\r\n\r\n");
    }

    @Test
    void errorsSpeakTheDialectOfTheirServer() {
        assertThat(sent(Scene.llamaServerLoading(), "{}"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith("{\"error\":{\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}");
        assertThat(sent(Scene.ollamaNotFound("x"), "{}"))
                .startsWith("HTTP/1.1 404 ")
                .endsWith("{\"error\":\"model \\\"x\\\" not found\"}");
        assertThat(sent(Scene.vllmNotFound("x"), "{}")).contains("The model `x` does not exist.", "\"code\":404");
        assertThat(sent(Scene.status(429, "{}", "Retry-After: 1", "retry-after-ms: 20"), "{}"))
                .contains("HTTP/1.1 429 Too Many Requests\r\n", "Retry-After: 1\r\nretry-after-ms: 20\r\n");
        assertThat(sent(Scene.html(), "{}")).contains("Content-Type: text/html");
        assertThat(sent(Scene.html().header("Content-Type", "application/json"), "{}"))
                .contains("Content-Type: application/json")
                .doesNotContain("text/html;");
    }

    @Test
    void aBodyThatIsNoJsonAsksForNothing() {
        for (String body :
                new String[] {"", "{", "[1]", "{\"model\":\"m\"} x", "nul", "{\"a\":\"\\u12", "[".repeat(1_000)}) {
            assertThat(Asked.of(body)).as(body).isEqualTo(Asked.of("{}"));
        }
    }

    private static String sent(Scene scene, String body) {
        return sent(scene, "/v1/chat/completions", body);
    }

    private static String sent(Scene scene, String path, String body) {
        return scene.steps(request(path, body)).stream()
                .filter(Step.Send.class::isInstance)
                .map(step -> new String(((Step.Send) step).bytes(), StandardCharsets.UTF_8))
                .collect(Collectors.joining());
    }

    private static List<Step> steps(Scene scene, String body) {
        return scene.steps(request("/v1/chat/completions", body));
    }

    private static SeenRequest request(String path, String body) {
        return new SeenRequest(0, 0, 0, "POST", path, Map.of(), body, Asked.of(body));
    }

    private static List<String> events(String text) {
        return text.lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length()))
                .toList();
    }
}
