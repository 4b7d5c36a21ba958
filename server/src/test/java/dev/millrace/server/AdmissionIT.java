package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.ByteSize;
import dev.millrace.engine.FinishReason;
import dev.millrace.server.config.LimitsConfig;
import dev.millrace.testing.upstream.Scene;
import dev.millrace.testing.upstream.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Who is served when there is more work than places: what clients see.
class AdmissionIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final ByteSize BODY = ByteSize.mebibytes(8);

    @Test
    void floodOfOneClientLeavesOthersTheirTurn() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(limits(1, 40), TestServer.TIMEOUTS, engine)) {
            List<CompletableFuture<HttpResponse<String>>> flood = new ArrayList<>();
            for (int i = 0; i < 11; i++) {
                flood.add(ask(server, "fake", "Bearer flood"));
            }
            FakeEngine.Call running = engine.next();
            server.await(() -> server.server().openRequests() == 11);

            var other = ask(server, "fake", "Bearer other");
            server.await(() -> server.server().openRequests() == 12);
            for (int i = 0; i < 2; i++) {
                running.finished(FinishReason.STOP);
                running = engine.next();
            }
            running.finished(FinishReason.STOP);

            assertThat(other.get().statusCode()).isEqualTo(200);
            assertThat(other.get().headers().firstValue("x-millrace-queue-position"))
                    .contains("2");
            assertThat(flood.stream().filter(CompletableFuture::isDone).count()).isLessThanOrEqualTo(3);
            for (int i = 0; i < 9; i++) {
                engine.next().finished(FinishReason.STOP);
            }
            for (var one : flood) {
                assertThat(one.get().statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void clientFillsItsShareOfTheQueueAndOthersStillEnter() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(limits(1, 2), TestServer.TIMEOUTS, engine)) {
            var running = ask(server, "fake", "Bearer flood");
            FakeEngine.Call call = engine.next();
            var waiting = ask(server, "fake", "Bearer flood");
            server.await(() -> server.server().openRequests() == 2);

            HttpResponse<String> refused = ask(server, "fake", "Bearer flood").get();
            var other = ask(server, "fake", "Bearer other");
            server.await(() -> server.server().openRequests() == 3);

            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.body()).contains("of this client", "\"code\":\"queue_full\"");
            assertThat(refused.headers().firstValue("retry-after")).isPresent();
            call.finished(FinishReason.STOP);
            engine.next().finished(FinishReason.STOP);
            engine.next().finished(FinishReason.STOP);
            assertThat(running.get().statusCode()).isEqualTo(200);
            assertThat(waiting.get().statusCode()).isEqualTo(200);
            assertThat(other.get().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void fullModelLetsRequestsForOthersPass() throws Exception {
        var small = new FakeEngine("small");
        var large = new FakeEngine("large");
        var limits = new LimitsConfig(4, 10, LONG, BODY, 0, 1, 50);
        try (var server = TestServer.with(limits, TestServer.TIMEOUTS, small, large)) {
            var first = ask(server, "small", "Bearer a");
            FakeEngine.Call running = small.next();
            var second = ask(server, "small", "Bearer a");
            server.await(() -> server.server().openRequests() == 2);

            var other = ask(server, "large", "Bearer a");
            large.next().finished(FinishReason.STOP);

            assertThat(other.get().statusCode()).isEqualTo(200);
            assertThat(small.isUntouched()).isTrue();
            running.finished(FinishReason.STOP);
            small.next().finished(FinishReason.STOP);
            assertThat(first.get().statusCode()).isEqualTo(200);
            assertThat(second.get().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void clientThatIsFullWaitsWhileAnUpstreamAnswersOthers() throws Exception {
        var limits = new LimitsConfig(4, 10, LONG, BODY, 1, 0, 50);
        try (var upstream = ScriptedUpstream.start().models("small");
                var server = TestServer.gateway(
                        limits,
                        TestServer.TIMEOUTS,
                        TestUpstreams.of(TestUpstreams.POOL, TestUpstreams.onPorts(upstream.port())))) {
            upstream.always(Scene.answer("one two three"));
            server.await(() -> server.server().upstreams().areReady());

            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                all.add(ask(server, "small", i < 5 ? "Bearer a" : "Bearer b"));
            }

            for (var one : all) {
                assertThat(one.get().statusCode()).isEqualTo(200);
            }
            server.awaitIdle();
        }
    }

    private static LimitsConfig limits(int places, int queue) {
        return new LimitsConfig(places, queue, LONG, BODY);
    }

    private static CompletableFuture<HttpResponse<String>> ask(TestServer server, String model, String client) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return server.post("/v1/chat/completions", TestServer.chat(model), "authorization", client);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }
}
