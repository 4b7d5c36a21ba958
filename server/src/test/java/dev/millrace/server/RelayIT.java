package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.upstream.Scene;
import dev.millrace.testing.upstream.ScriptedUpstream;
import dev.millrace.testing.upstream.SeenRequest;
import dev.millrace.testing.upstream.Step;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Requests that an upstream answers, seen from both sides.
final class RelayIT {
    private final ScriptedUpstream upstream = ScriptedUpstream.start().models("small", "org/large");
    private TestServer gateway;

    RelayIT() {
        gateway = open("small");
    }

    private TestServer open(String... models) {
        TestServer server = TestServer.gateway(
                TestServer.TIMEOUTS,
                TestUpstreams.of(
                        TestUpstreams.POOL, java.util.List.of(TestUpstreams.onPort("a", upstream.port(), models))));
        server.await(() -> server.server().upstreams().areReady());
        return server;
    }

    private void reopen(String... models) {
        gateway.close();
        gateway = open(models);
    }

    @BeforeEach
    void ready() {
        assertThat(gateway.server().upstreams().areReady()).isTrue();
    }

    @AfterEach
    void close() {
        gateway.close();
        upstream.close();
    }

    private HttpResponse<String> chat(String model, String... extra) throws Exception {
        return gateway.post("/v1/chat/completions", TestServer.chat(model, extra));
    }

    @Test
    void anAnswerPassesByteForByteWithTheNameOfTheUpstream() throws Exception {
        upstream.always(Scene.answer("one two three"));

        HttpResponse<String> answer = chat("small", "\"unknown_field\":{\"x\":[1,2]}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("one two three");
        assertThat(answer.headers().firstValue("x-millrace-backend")).contains("a");
        assertThat(answer.headers().firstValue("x-millrace-attempts")).contains("1");
        SeenRequest seen = upstream.seen().getFirst();
        assertThat(seen.bodyText()).isEqualTo(TestServer.chat("small", "\"unknown_field\":{\"x\":[1,2]}"));
        assertThat(seen.header("x-request-id")).isEqualTo(answer.headers().firstValue("x-request-id"));
        assertThat(seen.header("x-millrace-hops")).contains("1");
    }

    @Test
    void aStreamPassesEventByEventAndEndsWithItsMark() throws Exception {
        upstream.always(Scene.answer("one two three"));

        HttpResponse<String> answer = chat("small", "\"stream\":true");

        assertThat(answer.headers().firstValue("content-type").orElse("")).startsWith("text/event-stream");
        assertThat(answer.body()).contains("\"one\"", "three").endsWith("data: [DONE]\n\n");
        assertThat(answer.body().split("\n\n")).allMatch(event -> event.startsWith("data: "));
    }

    @Test
    void usageIsCountedThoughTheClientDidNotAskForItAndIsNotShownItThen() throws Exception {
        upstream.always(Scene.answer("one two three"));

        HttpResponse<String> unasked = chat("small", "\"stream\":true");
        HttpResponse<String> asked = chat("small", "\"stream\":true", "\"stream_options\":{\"include_usage\":true}");

        assertThat(upstream.seen()).allMatch(SeenRequest::includeUsage);
        assertThat(unasked.body()).doesNotContain("\"choices\":[]");
        assertThat(asked.body()).contains("\"choices\":[]");
        assertThat(gateway.get("/metrics").body())
                .containsPattern("gen_ai_client_token_usage_count\\{[^}]*small[^}]*output[^}]*\\} 2");
    }

    @Test
    void aModelHasItsPublicNameOnThisSideAndItsOwnOnTheOther() throws Exception {
        reopen("fast=small");

        HttpResponse<String> whole = chat("fast");
        HttpResponse<String> stream = chat("fast", "\"stream\":true");
        HttpResponse<String> unlisted = chat("small");

        assertThat(upstream.seen()).extracting(SeenRequest::model).containsExactly("small", "small");
        assertThat(whole.body()).contains("\"model\":\"fast\"").doesNotContain("\"small\"");
        assertThat(stream.body()).contains("\"model\":\"fast\"").doesNotContain("\"small\"");
        assertThat(unlisted.statusCode()).isEqualTo(404);
        assertThat(unlisted.body()).contains("model_not_found");
    }

    @Test
    void modelsOfUpstreamsAreListed() throws Exception {
        assertThat(gateway.get("/v1/models").body()).contains("\"id\":\"small\"");
        assertThat(gateway.get("/v1/models/small").statusCode()).isEqualTo(200);
        assertThat(gateway.get("/v1/models/large").statusCode()).isEqualTo(404);
        assertThat(gateway.get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void connectionsAreUsedAgain() throws Exception {
        upstream.always(Scene.answer("one"));

        for (int i = 0; i < 20; i++) {
            assertThat(chat("small", i % 2 == 0 ? "\"stream\":true" : "\"n\":1").statusCode())
                    .isEqualTo(200);
        }

        // One for each event loop and one that looks; a look that took too long on a busy machine opens another.
        assertThat(upstream.connections()).isLessThanOrEqualTo(6);
    }

    @Test
    void aClientThatLeavesIsNoticedByTheUpstream() throws Exception {
        upstream.always(Scene.answer("a b c d e f g h i j k l m n o p").pace(Duration.ofMillis(100)));

        try (RawClient client = new RawClient(gateway.port())) {
            String body = TestServer.chat("small", "\"stream\":true");
            client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            client.readUntil(" b\"");
            upstream.awaitCount(1, Duration.ofSeconds(5));
        }

        upstream.awaitClientGone(Duration.ofSeconds(2));
        gateway.awaitIdle();
    }

    @Test
    void anEventOfSeveralLinesBecomesOneOfOneLine() throws Exception {
        upstream.always(Scene.raw(Step.send("""
                HTTP/1.1 200 OK
                Content-Type: text/event-stream

                data: {"model":"small",
                data: "choices":[{"index":0,"delta":{"content":"one"},
                data: "finish_reason":"stop"}]}

                data: [DONE]

                """.replace("\n", "\r\n"))));

        HttpResponse<String> answer = chat("small", "\"stream\":true");

        assertThat(answer.body())
                .isEqualTo("data: {\"model\":\"small\", \"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"},"
                        + " \"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    }

    @Test
    void aCircleOfGatewaysIsBroken() throws Exception {
        HttpResponse<String> answer =
                gateway.post("/v1/chat/completions", TestServer.chat("small"), "x-millrace-hops", "4");
        HttpResponse<String> missing =
                gateway.post("/v1/chat/completions", TestServer.chat("other"), "x-millrace-hops", "1");

        assertThat(answer.statusCode()).isEqualTo(508);
        assertThat(missing.statusCode()).isEqualTo(421);
        assertThat(missing.body()).contains("wrong_instance");
        assertThat(upstream.count()).isZero();
    }

    @Test
    void aRequestOfItsOwnFaultIsRefusedInTheUpstreamsWords() throws Exception {
        upstream.always(Scene.error(400, "BadRequestError", "context_length_exceeded", "too long by 7 tokens"));

        HttpResponse<String> answer = chat("small");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("too long by 7 tokens", "context_length_exceeded", "\"param\":");
        assertThat(upstream.count()).isEqualTo(1);
    }
}
