package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.ByteSize;
import dev.millrace.core.id.ModelId;
import dev.millrace.engine.FinishReason;
import dev.millrace.models.lifecycle.ModelState;
import dev.millrace.models.lifecycle.ModelStatus;
import dev.millrace.server.config.LimitsConfig;
import dev.millrace.server.config.ModelsConfig;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Requests for models that are not in memory: who waits, who is told what, and what is left afterwards.
class ColdModelIT {
    private static final ModelId COLD = new ModelId("cold");
    private static final Duration SOON = Duration.ofMillis(200);
    private static final String CHAT = "/v1/chat/completions";

    private final ScriptedModels models = ScriptedModels.warmFirst();

    private TestServer serving() {
        return serving(TestServer.MODELS);
    }

    private TestServer serving(ModelsConfig config) {
        TestServer server = TestServer.with(TestTimeouts.with(t -> t.heartbeat(SOON)), config, models);
        server.await(() -> server.server().models().isReady());
        return server;
    }

    private static ModelsConfig models(boolean onDemand, Duration patience) {
        return new ModelsConfig(
                TestServer.MODELS.keepAlive(),
                TestServer.MODELS.memory(),
                TestServer.MODELS.most(),
                onDemand,
                TestServer.MODELS.loadTimeout(),
                patience,
                List.of(),
                TestServer.MODELS.store());
    }

    private static CompletableFuture<HttpResponse<String>> ask(TestServer server, String... extra) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return server.post(CHAT, TestServer.chat("cold", extra));
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    private static RawClient stream(TestServer server) throws Exception {
        String body = TestServer.chat("cold", "\"stream\":true");
        return new RawClient(server.port())
                .send("POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private static ModelStatus cold(TestServer server) {
        return server.server().models().pool().status(COLD);
    }

    private static void awaitWaiters(TestServer server, int count) {
        server.await(() -> cold(server).waiters() == count);
    }

    @Test
    void aRequestWaitsForItsModelAndIsAnswered() throws Exception {
        try (TestServer server = serving()) {
            var answer = ask(server);
            awaitWaiters(server, 1);

            models.open();

            assertThat(answer.get().statusCode()).isEqualTo(200);
            assertThat(answer.get().headers().firstValueAsLong("x-millrace-queue-ms"))
                    .isPresent();
        }
    }

    @Test
    void aStreamThatWaitsGetsItsHeadAndSignsOfLifeAndThenItsAnswer() throws Exception {
        try (TestServer server = serving();
                RawClient client = stream(server)) {
            String waiting = client.readUntil("\r\n\r\n") + client.readUntil(": ping");
            client.readUntil(": ping");

            models.open();

            assertThat(waiting).startsWith("HTTP/1.1 200 ").contains("text/event-stream");
            assertThat(client.readUntil("[DONE]")).contains("\"content\":\"hi\"");
        }
    }

    @Test
    void whoWillNotWaitIsToldWhenToComeBackAndTheLoadGoesOn() throws Exception {
        try (TestServer server = serving()) {
            HttpResponse<String> answer = server.post(CHAT, TestServer.chat("cold"), "x-millrace-model-wait", "no");

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("\"code\":\"model_loading\"");
            assertThat(answer.headers().firstValueAsLong("retry-after").orElse(0))
                    .isPositive();
            assertThat(answer.headers().firstValue("x-should-retry")).contains("true");
            models.open();
            server.await(() -> cold(server).state() == ModelState.READY);
            assertThat(server.post(CHAT, TestServer.chat("cold"), "x-millrace-model-wait", "no")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void withoutLoadingOnDemandAColdModelIsRefusedUntilSomebodyLoadsIt() throws Exception {
        try (TestServer server = serving(models(false, Duration.ofMinutes(1)))) {
            HttpResponse<String> refused = server.post(CHAT, TestServer.chat("cold"));
            int startsBefore = models.starts();
            models.open();
            server.post("/models/load", "{\"model\":\"cold\"}");
            HttpResponse<String> answered = server.post(CHAT, TestServer.chat("cold"));

            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("\"code\":\"model_unloaded\"");
            assertThat(startsBefore).isZero();
            assertThat(answered.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whoWaitsTooLongIsToldSoWhileOthersGoOnWaiting() throws Exception {
        try (TestServer server = serving(models(true, Duration.ofSeconds(2)))) {
            var early = ask(server);
            awaitWaiters(server, 1);
            server.await(() -> early.isDone() || cold(server).state() == ModelState.LOADING);
            CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS))
                    .get();
            var late = ask(server);
            awaitWaiters(server, 2);

            HttpResponse<String> told = early.get();
            boolean lateStillWaits = !late.isDone();
            models.open();

            assertThat(told.statusCode()).isEqualTo(504);
            assertThat(told.body()).contains("\"code\":\"model_load_timeout\"");
            assertThat(lateStillWaits).isTrue();
            assertThat(late.get().statusCode()).isEqualTo(200);
            assertThat(models.starts()).isEqualTo(1);
        }
    }

    @Test
    void aHundredClientsOfOneColdModelShareOneStart() throws Exception {
        try (TestServer server = serving()) {
            var answers = IntStream.range(0, 100).mapToObj(i -> ask(server)).toList();
            awaitWaiters(server, 100);

            models.open();

            for (var answer : answers) {
                assertThat(answer.get().statusCode()).isEqualTo(200);
            }
            assertThat(models.starts()).isEqualTo(1);
        }
    }

    @Test
    void aClientThatLeavesNoLongerWaitsAndTheLoadForItAloneIsDropped() throws Exception {
        try (TestServer server = serving();
                RawClient client = stream(server)) {
            awaitWaiters(server, 1);

            client.reset();

            awaitWaiters(server, 0);
            server.await(() -> cold(server).state() == ModelState.UNLOADED);
            server.awaitIdle();
        }
    }

    @Test
    void aFailedStartIsToldWithItsReasonAndWhenToTryAgain() throws Exception {
        models.failing("the file is damaged: pull it again");
        try (TestServer server = serving()) {
            var waiting = ask(server);
            awaitWaiters(server, 1);
            models.open();

            for (HttpResponse<String> answer : List.of(waiting.get(), server.post(CHAT, TestServer.chat("cold")))) {
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.body()).contains("\"code\":\"model_load_failed\"", "pull it again");
                assertThat(answer.headers().firstValueAsLong("retry-after").orElse(0))
                        .isEqualTo(1);
            }
            assertThat(models.starts()).isEqualTo(1);
            assertThat(server.get("/v1/models/cold").body())
                    .contains("\"value\":\"failed\"", "\"failed\":true", "pull it again", "\"retry_in_ms\":");
        }
    }

    @Test
    void aStreamWhoseModelFailsAfterItsHeadEndsWithAnErrorEvent() throws Exception {
        models.failing("the file is damaged");
        try (TestServer server = serving();
                RawClient client = stream(server)) {
            client.readUntil(": ping");

            models.open();

            assertThat(client.readUntil("0\r\n\r\n"))
                    .contains("\"code\":\"model_load_failed\"")
                    .doesNotContain("[DONE]");
        }
    }

    @Test
    void aRequestThatTheLostEngineHadNotBegunIsAnsweredByTheNext() throws Exception {
        models.playing(null).open();
        try (TestServer server = serving()) {
            var answer = ask(server);
            ScriptedModels.Running first = models.next();
            first.fake().next().queued();

            first.die();
            models.open();
            ScriptedModels.Running second = models.next();
            second.fake().next().token("again").finished(FinishReason.STOP);

            assertThat(answer.get().statusCode()).isEqualTo(200);
            assertThat(answer.get().body()).contains("again");
        }
    }

    @Test
    void aRetryIsAnsweredByAnEngineThatIsThereAgainAndAnswersAtOnce() throws Exception {
        models.playing(null).open();
        try (TestServer server = serving()) {
            var answer = ask(server);
            ScriptedModels.Running first = models.next();
            first.fake().next().queued();
            models.playing(call -> call.token("again").finished(FinishReason.STOP))
                    .open();
            first.lose();
            models.next();
            server.await(() -> cold(server).state() == ModelState.READY);

            first.fake().close();

            assertThat(answer.get(10, TimeUnit.SECONDS).body()).contains("again");
        }
    }

    @Test
    void aStreamThatHadOnlyItsHeadFromTheLostEngineIsAnsweredByTheNext() throws Exception {
        models.playing(null).open();
        try (TestServer server = serving();
                RawClient client = stream(server)) {
            ScriptedModels.Running first = models.next();
            first.fake().next().queued();
            client.readUntil("\r\n\r\n");

            first.die();
            models.open();
            models.next().fake().next().token("again").finished(FinishReason.STOP);

            assertThat(client.readUntil("[DONE]")).contains("again").doesNotContain("error");
        }
    }

    @Test
    void aRequestIsTriedAgainOnceOnly() throws Exception {
        models.playing(null).open();
        try (TestServer server = serving()) {
            var answer = ask(server);
            for (int i = 0; i < 2; i++) {
                ScriptedModels.Running engine = models.next();
                engine.fake().next();
                engine.die();
                models.open();
            }

            assertThat(answer.get().statusCode()).isEqualTo(502);
            assertThat(answer.get().body()).contains("\"code\":\"engine_lost\"");
        }
    }

    @Test
    void anEngineThatIsLostMidStreamEndsItWithAnError() throws Exception {
        models.playing(null).open();
        try (TestServer server = serving();
                RawClient client = stream(server)) {
            ScriptedModels.Running engine = models.next();
            engine.fake().next().prefilling().token("half");
            client.readUntil("half");

            engine.die();

            assertThat(client.readUntil("0\r\n\r\n"))
                    .contains("\"code\":\"engine_lost\"")
                    .doesNotContain("[DONE]");
            models.open();
        }
    }

    @Test
    void aStreamThatWaitsForItsPlaceAfterItsModelStaysAudible() throws Exception {
        models.playing(null);
        LimitsConfig one = new LimitsConfig(1, 200, Duration.ofSeconds(30), ByteSize.mebibytes(8));
        try (TestServer server =
                        TestServer.with(one, TestTimeouts.with(t -> t.heartbeat(SOON)), TestServer.MODELS, models);
                RawClient first = stream(server);
                RawClient second = stream(server)) {
            first.readUntil(": ping");
            second.readUntil(": ping");
            models.open();
            FakeEngine engine = models.next().fake();
            FakeEngine.Call running = engine.next();
            server.await(() -> cold(server).waiters() == 0);

            first.readUntil(": ping");
            second.readUntil(": ping\n\n");
            String both = first.readUntil(": ping") + second.readUntil(": ping");

            running.token("a").finished(FinishReason.STOP);
            engine.next().token("b").finished(FinishReason.STOP);
            assertThat(both).doesNotContain("error");
            assertThat(first.readUntil("[DONE]") + second.readUntil("[DONE]")).contains("\"a\"", "\"b\"");
        }
    }

    @Test
    void readinessFollowsTheFirstModel() throws Exception {
        ScriptedModels coldFirst = ScriptedModels.coldFirst();
        try (TestServer server = TestServer.with(TestServer.TIMEOUTS, TestServer.MODELS, coldFirst)) {
            HttpResponse<String> loading = server.get("/health/ready");
            coldFirst.failing("the file is damaged");
            coldFirst.open();
            server.await(() -> cold(server).state() == ModelState.FAILED);
            HttpResponse<String> failed = server.get("/health/ready");
            coldFirst.failing(null);
            coldFirst.open();
            server.post("/models/load", "{\"model\":\"cold\"}");
            server.await(() -> cold(server).state() == ModelState.READY);
            HttpResponse<String> ready = server.get("/health/ready");

            assertThat(loading.statusCode()).isEqualTo(503);
            assertThat(loading.body()).contains("\"code\":\"model_loading\"");
            assertThat(failed.statusCode()).isEqualTo(503);
            assertThat(failed.body()).contains("\"code\":\"model_load_failed\"");
            assertThat(ready.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void withoutLoadingOnDemandReadinessEndsWithTheModel() throws Exception {
        try (TestServer server = serving(models(false, Duration.ofMinutes(1)))) {
            server.post("/models/unload", "{\"model\":\"warm\"}");
            server.await(() -> server.server().models().pool().look(new ModelId("warm")) == null);

            assertThat(server.get("/health/ready").statusCode()).isEqualTo(503);
        }
    }

    @Test
    void readinessOutlivesTheTimeOfItsModel() throws Exception {
        try (TestServer server = serving()) {
            // Used once: a model that nobody used yet is kept for a while, whatever its time.
            server.post(CHAT, TestServer.chat("warm"));
            server.post("/models/load", "{\"model\":\"warm\",\"keep_alive\":0}");
            server.await(() -> server.server().models().pool().look(new ModelId("warm")) == null);

            assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
            assertThat(server.post(CHAT, TestServer.chat("warm")).statusCode()).isEqualTo(200);
        }
    }
}
