package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.FinishReason;
import org.junit.jupiter.api.Test;

class ChatIT {
    @Test
    void wholeAnswerIsOneJsonObject() throws Exception {
        var engine = new FakeEngine("fake")
                .playing(call -> call.queued().token("Hel").token("lo \"you\"").finished(FinishReason.STOP));
        try (var server = TestServer.with(engine)) {
            var response = server.post("/v1/chat/completions", TestServer.chat("fake"), "x-request-id", "abc-1");

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("x-request-id")).contains("abc-1");
            assertThat(response.headers().firstValue("content-type")).contains("application/json");
            assertThat(response.body())
                    .startsWith("{\"id\":\"chatcmpl-abc-1\",\"object\":\"chat.completion\",\"created\":")
                    .contains("\"content\":\"Hello \\\"you\\\"\"")
                    .contains("\"finish_reason\":\"stop\"")
                    .contains("\"prompt_tokens\":7,\"completion_tokens\":2,\"total_tokens\":9");
        }
    }

    @Test
    void streamCarriesRoleTokensFinishUsageAndDone() throws Exception {
        var engine = new FakeEngine("fake")
                .playing(call -> call.queued().token("a").token("").token("b").finished(FinishReason.LENGTH));
        try (var server = TestServer.with(engine)) {
            var response = server.post(
                    "/v1/chat/completions",
                    TestServer.chat("fake", "\"stream\":true", "\"stream_options\":{\"include_usage\":true}"));

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("x-accel-buffering")).contains("no");
            String[] events = response.body().split("\n\n");
            assertThat(events).hasSize(6);
            assertThat(events[0])
                    .startsWith("data: {")
                    .contains("\"role\":\"assistant\"")
                    .contains("\"usage\":null");
            assertThat(events[1]).contains("\"delta\":{\"content\":\"a\"}");
            assertThat(events[2]).contains("\"delta\":{\"content\":\"b\"}");
            assertThat(events[3]).contains("\"finish_reason\":\"length\"");
            assertThat(events[4]).contains("\"choices\":[],\"usage\":{\"prompt_tokens\":7");
            assertThat(events[5]).isEqualTo("data: [DONE]");
        }
    }
}
