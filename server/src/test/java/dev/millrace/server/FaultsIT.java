package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.ByteSize;
import dev.millrace.core.error.ErrorCode;
import dev.millrace.engine.FinishReason;
import dev.millrace.server.config.LimitsConfig;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Timeouts, full queues, failing engines, slow readers, shutdown: what the client sees and what is left
/// afterwards.
class FaultsIT {
    private static final Duration SOON = Duration.ofMillis(200);

    @Test
    void fullQueueIsSaidAtOnceAndWhenToComeBack() throws Exception {
        var engine = new FakeEngine("fake");
        var limits = new LimitsConfig(1, 1, Duration.ofSeconds(30), ByteSize.mebibytes(8));
        try (var server = TestServer.with(limits, TestServer.TIMEOUTS, engine)) {
            var first = ask(server);
            FakeEngine.Call running = engine.next();
            var second = ask(server);
            server.await(() -> server.server().openRequests() == 2);

            HttpResponse<String> third = server.post("/v1/chat/completions", TestServer.chat("fake"));

            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(third.body()).contains("\"code\":\"queue_full\"", "\"type\":\"rate_limit_error\"");
            assertThat(third.headers().firstValueAsLong("retry-after").orElse(0))
                    .isBetween(1L, 2L);
            assertThat(third.headers().firstValueAsLong("retry-after-ms").orElse(0))
                    .isBetween(500L, 2_000L); // two to be served before it, of a length that nobody knows yet
            running.finished(FinishReason.STOP);
            engine.next().finished(FinishReason.STOP);
            assertThat(first.get().statusCode()).isEqualTo(200);
            assertThat(second.get().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void waitingInTheQueueHasADeadline() throws Exception {
        var engine = new FakeEngine("fake");
        var limits = new LimitsConfig(1, 1, SOON, ByteSize.mebibytes(8));
        try (var server = TestServer.with(limits, TestServer.TIMEOUTS, engine)) {
            var first = ask(server);
            FakeEngine.Call running = engine.next();

            HttpResponse<String> second = ask(server).get();

            assertThat(second.statusCode()).isEqualTo(503);
            assertThat(second.body()).contains("\"code\":\"queue_timeout\"");
            running.finished(FinishReason.STOP);
            assertThat(first.get().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void missingFirstTokenIsAGatewayTimeout() throws Exception {
        var engine = new FakeEngine("fake").playing(FakeEngine.Call::queued);
        var times = TestTimeouts.with(t -> t.firstToken(SOON));
        try (var server = TestServer.with(TestServer.LIMITS, times, engine)) {
            HttpResponse<String> response = ask(server).get();

            assertThat(response.statusCode()).isEqualTo(504);
            assertThat(response.headers().firstValue("x-should-retry")).contains("false");
            assertThat(response.body()).contains("\"code\":\"first_token_timeout\"");
            server.await(engine.next()::isCancelled);
        }
    }

    @Test
    void streamThatFallsSilentEndsWithAnErrorEvent() throws Exception {
        var engine = new FakeEngine("fake").playing(call -> call.queued().token("a"));
        var times = TestTimeouts.with(t -> t.idle(SOON));
        try (var server = TestServer.with(TestServer.LIMITS, times, engine)) {
            assertBrokenOff(stream(server), "idle_timeout");
        }
    }

    @Test
    void answerThatTakesTooLongEndsWithAnErrorEvent() throws Exception {
        var engine = new FakeEngine("fake").playing(call -> call.queued().token("a"));
        var times = TestTimeouts.with(t -> t.total(SOON).firstToken(SOON).idle(SOON));
        var limits = new LimitsConfig(1, 1, SOON, ByteSize.mebibytes(8));
        try (var server = TestServer.with(limits, times, engine)) {
            assertBrokenOff(stream(server), "total_timeout");
        }
    }

    @Test
    void engineThatIsLostMidStreamIsSaidSo() throws Exception {
        var engine = new FakeEngine("fake")
                .playing(call -> call.queued().token("a").failed(ErrorCode.ENGINE_LOST, "The engine stopped."));
        try (var server = TestServer.with(engine)) {
            assertBrokenOff(stream(server), "engine_lost");
        }
    }

    @Test
    void refusalOfTheEngineHasItsOwnStatusEvenForAStream() throws Exception {
        var engine = new FakeEngine("fake")
                .playing(call ->
                        call.failed(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "The prompt has 9 tokens, the context 8."));
        try (var server = TestServer.with(engine)) {
            HttpResponse<String> response = stream(server);

            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(response.body()).contains("\"code\":\"context_length_exceeded\"");
        }
    }

    @Test
    void silentStreamShowsSignsOfLife() throws Exception {
        var engine = new FakeEngine("fake").playing(FakeEngine.Call::queued);
        var times = TestTimeouts.with(t -> t.heartbeat(SOON));
        try (var server = TestServer.with(TestServer.LIMITS, times, engine)) {
            var answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return stream(server);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            FakeEngine.Call call = engine.next();
            CompletableFuture.runAsync(
                            () -> call.token("late").finished(FinishReason.STOP),
                            CompletableFuture.delayedExecutor(700, java.util.concurrent.TimeUnit.MILLISECONDS))
                    .get();

            assertThat(answer.get().body()).containsPattern("(: ping\n\n){2}").endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void readerThatTakesNothingPausesItsEngineAndIsCutOff() throws Exception {
        var engine = new FakeEngine("fake");
        var times = TestTimeouts.with(t -> t.slowReader(Duration.ofMillis(500)));
        try (var server = TestServer.with(TestServer.LIMITS, times, engine);
                var client = new RawClient(server.port())) {
            client.socket().setReceiveBufferSize(4096);
            String body = TestServer.chat("fake", "\"stream\":true");
            client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            FakeEngine.Call call = engine.next();
            String text = "x".repeat(16 * 1024);
            for (int i = 0; i < 1_000; i++) {
                call.token(text);
            }

            server.await(call::isCancelled);

            // The engine's end is told first and the rest is thrown away after it, on the event loop.
            server.awaitIdle();
            assertThat(call.backlog())
                    .as("what was cancelled was not drained into memory")
                    .isZero();
        }
    }

    @Test
    void modelThatIsNotThereIsNotFound() throws Exception {
        try (var server = TestServer.with(new FakeEngine("fake"))) {
            HttpResponse<String> response = server.post("/v1/chat/completions", TestServer.chat("gpt-4"));

            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(response.body())
                    .contains("\"param\":\"model\",\"code\":\"model_not_found\"")
                    .doesNotContain("gpt-4");
        }
    }

    @Test
    void drainLetsRunningStreamsFinishAndTurnsNewOnesAway() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(engine)) {
            var running = ask(server);
            FakeEngine.Call call = engine.next();

            var stopped = CompletableFuture.runAsync(() -> server.server().shutdown(Duration.ofSeconds(5)));
            server.await(() -> statusOf(server, "/health/ready") == 503);
            assertThat(statusOf(server, "/health/live")).isEqualTo(200);
            server.await(() -> postStatus(server) == 503);
            call.token("done").finished(FinishReason.STOP);

            assertThat(running.get().statusCode()).isEqualTo(200);
            stopped.get();
        }
    }

    @Test
    void drainHasALimitAndALastWord() throws Exception {
        var engine = new FakeEngine("fake").playing(call -> call.queued().token("a"));
        try (var server = TestServer.with(engine)) {
            var running = CompletableFuture.supplyAsync(() -> {
                try {
                    return stream(server);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            engine.next();
            server.await(() -> server.server().openRequests() == 1);

            server.server().shutdown(SOON);

            assertBrokenOff(running.get(), "server_shutdown");
        }
    }

    private static void assertBrokenOff(HttpResponse<String> response, String code) {
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .contains("\"content\":\"a\"")
                .containsPattern("data: \\{\"error\":\\{[^\n]*\"code\":\"" + code + "\"}}\n\n$")
                .doesNotContain("[DONE]", "\"finish_reason\":\"");
    }

    private static HttpResponse<String> stream(TestServer server) throws Exception {
        return server.post("/v1/chat/completions", TestServer.chat("fake", "\"stream\":true"));
    }

    private static CompletableFuture<HttpResponse<String>> ask(TestServer server) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return server.post("/v1/chat/completions", TestServer.chat("fake"));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static int statusOf(TestServer server, String path) {
        try {
            return server.get(path).statusCode();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static int postStatus(TestServer server) {
        try {
            return server.post(
                            "/v1/chat/completions",
                            "{\"model\":\"fake\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}")
                    .statusCode();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
