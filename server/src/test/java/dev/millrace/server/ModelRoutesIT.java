package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.lifecycle.ModelState;
import dev.millrace.models.lifecycle.ModelStatus;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Loading, unloading and watching models over HTTP.
class ModelRoutesIT {
    private static final ModelId COLD = new ModelId("cold");

    private final ScriptedModels models = ScriptedModels.warmFirst();
    private TestServer server;

    @BeforeEach
    void aServerWithAColdModel() {
        server =
                TestServer.with(TestTimeouts.with(t -> t.heartbeat(Duration.ofMillis(200))), TestServer.MODELS, models);
        server.await(() -> server.server().models().isReady());
    }

    @AfterEach
    void nothingIsLeft() {
        server.close();
    }

    private ModelStatus cold() {
        return server.server().models().pool().status(COLD);
    }

    private void awaitCold(ModelState state) {
        server.await(() -> cold().state() == state);
    }

    private RawClient watch() throws Exception {
        return new RawClient(server.port()).send("GET /models/sse HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    @Test
    void loadAnswersAtOnceAndTheListTellsHowFarItIs() throws Exception {
        HttpResponse<String> answer = server.post("/models/load", "{\"model\":\"cold\"}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"success\":true}");
        awaitCold(ModelState.LOADING);
        assertThat(server.get("/models").body())
                .startsWith("{\"object\":\"list\",\"data\":[{\"id\":\"warm\"")
                .containsPattern("\"id\":\"cold\",\"object\":\"model\",\"created\":\\d+,\"owned_by\":\"millrace\","
                        + "\"status\":\\{\"value\":\"loading\",\"phase\":\"loading\",\"progress\":0\\.[345]\\d*,")
                .doesNotContainPattern("\"id\":\"cold\".*\"meta\"");
    }

    @Test
    void aLoadedModelTellsItsMemoryItsTimeAndItself() throws Exception {
        models.open();
        server.post("/models/load", "{\"model\":\"alias\",\"keep_alive\":\"10m\"}");
        awaitCold(ModelState.READY);

        String one = server.get("/v1/models/cold").body();

        assertThat(one)
                .contains("\"status\":{\"value\":\"loaded\",\"requests\":0,\"waiting\":0,\"memory_bytes\":1048576,"
                        + "\"memory_measured\":true,")
                .containsPattern("\"expires_in_ms\":(59\\d{4}|600000)}")
                .contains("\"meta\":{\"engine\":\"fake\",\"n_ctx\":4096,");
        assertThat(server.get("/v1/models").body()).contains("\"id\":\"cold\"", "\"memory_bytes\":1048576");
    }

    @Test
    void unloadTakesItOutOfMemoryAndEndsALoad() throws Exception {
        models.open();
        server.post("/models/load", "{\"model\":\"cold\"}");
        awaitCold(ModelState.READY);

        assertThat(server.post("/models/unload", "{\"model\":\"cold\"}").body()).isEqualTo("{\"success\":true}");
        awaitCold(ModelState.UNLOADED);
        server.post("/models/load", "{\"model\":\"cold\"}");
        awaitCold(ModelState.LOADING);
        assertThat(server.post("/models/unload", "{\"model\":\"cold\"}").statusCode())
                .isEqualTo(200);
        awaitCold(ModelState.UNLOADED);

        assertThat(server.get("/v1/models/cold").body())
                .contains("\"status\":{\"value\":\"unloaded\",\"requests\":0,\"waiting\":0}");
    }

    @Test
    void aModelThatLeavesAfterItsRequestsIsNotShownAsLoaded() throws Exception {
        models.playing(null);
        models.open();
        String body = TestServer.chat("cold", "\"stream\":true");
        try (RawClient _ = new RawClient(server.port())
                .send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body)) {
            server.await(() -> cold().users() == 1);

            server.post("/models/unload", "{\"model\":\"cold\"}");

            assertThat(server.get("/v1/models/cold").body())
                    .contains("\"status\":{\"value\":\"unloading\",\"requests\":1");
        }
        awaitCold(ModelState.UNLOADED);
    }

    @Test
    void pinsAreSetAndTakenBack() throws Exception {
        models.open();
        server.post("/models/load", "{\"model\":\"cold\",\"pin\":true}");
        awaitCold(ModelState.READY);
        String pinned = server.get("/v1/models/cold").body();

        server.post("/models/load", "{\"model\":\"cold\",\"pin\":false}");

        assertThat(pinned).contains("\"pinned\":true").doesNotContain("expires_in_ms");
        assertThat(server.get("/v1/models/cold").body())
                .contains("expires_in_ms")
                .doesNotContain("pinned");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"10m\"", "30", "\"-1\"", "-1", "\"2h\"", "\"500ms\""})
    void keepAliveIsReadAsOllamasClientsWriteIt(String keepAlive) throws Exception {
        HttpResponse<String> answer =
                server.post("/models/load", "{\"model\":\"warm\",\"keep_alive\":" + keepAlive + "}");

        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void keepAliveOfNothingTakesAnIdleModelOut() throws Exception {
        // Used once: a model that nobody used yet is kept for a while, whatever its time.
        server.post("/v1/chat/completions", TestServer.chat("warm"));

        server.post("/models/load", "{\"model\":\"warm\",\"keep_alive\":0}");

        server.await(() ->
                server.server().models().pool().status(new ModelId("warm")).state() == ModelState.UNLOADED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"cold\",\"keep_alive\":\"soon\"}",
                "{\"model\":\"cold\",\"keep_alive\":\"1.5m\"}",
                "{\"model\":\"cold\",\"keep_alive\":true}",
                "{\"model\":\"cold\",\"keep_alive\":99999999999}",
            })
    void aKeepAliveThatIsNoneIsRefusedByName(String body) throws Exception {
        HttpResponse<String> answer = server.post("/models/load", body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"param\":\"keep_alive\"");
        assertThat(models.starts()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "{}", "{\"model\":7}", "{\"model\":\"cold\",\"pin\":\"yes\"}", "{\"model\":null}"
            })
    void aBodyThatIsNoCommandIsRefused(String body) throws Exception {
        assertThat(server.post("/models/load", body).statusCode()).isEqualTo(400);
        assertThat(server.post("/models/unload", body).statusCode()).isEqualTo(400);
        assertThat(models.starts()).isZero();
    }

    @Test
    void anUnknownModelIsNotFound() throws Exception {
        for (String path : new String[] {"/models/load", "/models/unload"}) {
            HttpResponse<String> answer = server.post(path, "{\"model\":\"other\"}");

            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.body()).contains("\"code\":\"model_not_found\"");
        }
        assertThat(server.get("/v1/models/other").statusCode()).isEqualTo(404);
    }

    @Test
    void theStreamTellsEveryStateFirstAndThenEachChange() throws Exception {
        try (RawClient client = watch()) {
            String first = client.readUntil("\"model\":\"cold\"") + client.readUntil("\n\n");
            server.post("/models/load", "{\"model\":\"cold\"}");
            String loading = client.readUntil("\"current\":\"loading\"") + client.readUntil("\n\n");
            models.open();
            String loaded = client.readUntil("\"status\":\"loaded\"");
            server.post("/models/unload", "{\"model\":\"cold\"}");
            String unloaded = client.readUntil("\"status\":\"unloaded\"");

            assertThat(first)
                    .contains("content-type: text/event-stream")
                    .contains("data: {\"model\":\"warm\",\"event\":\"status_change\",\"data\":{\"status\":\"loaded\"")
                    .contains("\"status\":\"unloaded\",\"details\":{\"value\":\"unloaded\"");
            assertThat(loading)
                    .contains("\"stages\":[\"queued\",\"evicting\",\"starting\",\"loading\",\"warming\"]")
                    .contains("\"value\":0.");
            assertThat(loaded).doesNotContain("unloaded");
            assertThat(unloaded).contains("cold");
        }
    }

    @Test
    void aQuietStreamShowsSignsOfLifeAndEndsWithTheServer() throws Exception {
        try (RawClient client = watch()) {
            client.readUntil(": heartbeat");
            client.readUntil(": heartbeat");

            server.server().close();

            assertThat(client.readToEnd()).endsWith("0\r\n\r\n");
        }
    }

    @Test
    void moreWatchersThanAllowedAreTurnedAwayUntilOneLeaves() throws Exception {
        var watching = new java.util.ArrayList<RawClient>();
        try {
            for (int i = 0; i < dev.millrace.server.models.ModelEvents.MAX_WATCHERS; i++) {
                RawClient client = watch();
                watching.add(client);
                client.readUntil("\n\n");
            }

            assertThat(server.get("/models/sse").statusCode()).isEqualTo(429);
            watching.removeLast().close();
            server.await(() -> {
                try (RawClient again = watch()) {
                    return again.readUntil("\r\n\r\n").contains(" 200 ");
                } catch (Exception e) {
                    return false;
                }
            });
        } finally {
            for (RawClient client : watching) {
                client.close();
            }
        }
    }
}
