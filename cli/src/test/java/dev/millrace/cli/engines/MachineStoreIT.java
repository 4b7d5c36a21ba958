package dev.millrace.cli.engines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.cli.FakeHub;
import dev.millrace.cli.console.Places;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.simulated.TimedEngine;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.download.Disk;
import dev.millrace.models.download.Surroundings;
import dev.millrace.models.lifecycle.ModelState;
import dev.millrace.server.MillraceServer;
import dev.millrace.server.config.ConfigLoader;
import dev.millrace.server.config.ConfigSources;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.loop.LoopDelays;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models that come and go over HTTP: the server's routes over the real catalogue and downloads, with
/// engines that only pretend, and a hub on loopback.
@Timeout(60)
class MachineStoreIT {
    private static final Path DEMO = Places.ofThisProcess(Map.of()).demoModel();
    private static final String DONE = "{\"success\":true}";

    @TempDir
    Path home;

    private final HttpClient client = HttpClient.newHttpClient();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private Catalogue catalogue;
    private FakeHub hub;
    private MillraceServer server;
    private MachineModels models;

    @BeforeEach
    void aHubAndAServer() throws Exception {
        hub = FakeHub.with(DEMO);
        catalogue = Catalogue.open(home.resolve("data"), List.of(DEMO.getParent()), InstantSource.system());
        serve(Disk.REAL, Map.of());
    }

    @AfterEach
    void nothingIsLeft() {
        server.close();
        hub.close();
        client.close();
        timer.shutdownNow();
    }

    private void serve(Disk disk, Map<String, String> more) throws Exception {
        Map<String, String> flags = new HashMap<>(Map.of(
                "server.port",
                "0",
                "server.event-loops",
                "1",
                "data-dir",
                home.resolve("data").toString(),
                "models.hub",
                hub.base()));
        flags.putAll(more);
        MillraceConfig config = ConfigLoader.load(new ConfigSources(null, Map.of(), flags, home))
                .config();
        models = new MachineModels(
                new ModelFile(new ModelId("millrace-demo"), DEMO), catalogue, new MemoryNeeds(config.engine()));
        Surroundings usual = Surroundings.ofThisMachine(new Random(7));
        var store = new MachineStore(
                catalogue,
                models,
                config.models().store(),
                new Surroundings(
                        usual.lookup(),
                        disk,
                        usual.check(),
                        usual.clock(),
                        usual.pause(),
                        usual.random(),
                        usual.tls()));
        server = MillraceServer.start(
                config,
                models,
                store,
                (model, listener) -> new OwnedModel.Inside(TimedEngine.streaming(
                        model, Duration.ofMillis(20).toNanos(), new LoopDelays(timer), NanoClock.SYSTEM)));
        await(() -> server.models().isReady());
    }

    private void await(BooleanSupplier condition) {
        long startNanos = NanoClock.SYSTEM.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(Duration.ofNanos(NanoClock.SYSTEM.nanoTime() - startNanos))
                    .isLessThan(Duration.ofSeconds(10));
            LockSupport.parkNanos(1_000_000);
        }
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder posting(String path, String body) {
        return to(path).header("content-type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return send(posting(path, body));
    }

    private HttpResponse<String> delete(String name) throws Exception {
        return send(to("/models?model=" + name).DELETE());
    }

    /// Status and code of an error; what it says must not be empty.
    private static String refusal(HttpResponse<String> response) throws IOException {
        JsonNode error = json(response).path("error");
        assertThat(error.path("message").asText()).isNotEmpty();
        return response.statusCode() + " " + error.path("code").asText();
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        return new ObjectMapper().readTree(response.body());
    }

    private JsonNode listed(String id) throws Exception {
        for (JsonNode entry : json(send(to("/models"))).path("data")) {
            if (entry.path("id").asText().equals(id)) {
                return entry.path("status");
            }
        }
        return new ObjectMapper().missingNode();
    }

    private boolean isListed(String id) {
        try {
            return !listed(id).isMissingNode();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private long partialFiles() {
        try (Stream<Path> files = Files.walk(catalogue.partialDirectory())) {
            return files.filter(file ->
                            Files.isRegularFile(file) && !file.toString().endsWith(".lock"))
                    .count();
        } catch (IOException e) {
            return -1;
        }
    }

    private String chat(String model) {
        return "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    }

    // --- Downloads

    @Test
    void whatWasDownloadedIsListedAndAnswersWithoutARestart() throws Exception {
        HttpResponse<String> answer = post("/models", "{\"model\":\"org/repo\",\"name\":\"mine\",\"wait\":true}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).path("success").asBoolean()).isTrue();
        assertThat(json(answer).at("/status/value").asText()).isEqualTo("downloaded");
        assertThat(json(answer).at("/status/model").asText()).isEqualTo("mine");
        assertThat(send(to("/v1/models")).body()).contains("\"id\":\"mine\"");
        assertThat(listed("org/repo").isMissingNode()).isTrue();
        assertThat(post("/v1/chat/completions", chat("mine")).body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void aDownloadShowsHowFarItIsInTheListAndAsEvents() throws Exception {
        hub.hold();
        CompletableFuture<HttpResponse<InputStream>> watching =
                client.sendAsync(to("/models/sse").build(), BodyHandlers.ofInputStream());
        InputStream events = watching.join().body();

        HttpResponse<String> answer = post("/models", "{\"model\":\"org/repo\"}");
        await(() -> halfWay("org/repo"));
        JsonNode status = listed("org/repo");
        boolean forOpenAi = send(to("/v1/models")).body().contains("org/repo");
        hub.release();
        String told = readUntil(events, "models_reload");

        assertThat(json(answer).at("/status/value").asText()).isEqualTo("downloading");
        assertThat(status.path("model").asText()).isEqualTo("demo-Q8_0");
        assertThat(status.path("total_bytes").asInt()).isEqualTo(hub.size());
        assertThat(status.path("bytes_per_second").isNumber()).isTrue();
        assertThat(status.path("progress").asDouble()).isBetween(0.1, 0.6);
        assertThat(forOpenAi).isFalse();
        assertThat(told)
                .contains(
                        "data: {\"model\":\"org/repo\",\"event\":\"download_progress\",\"data\":{\"progress\":{\"org/repo\":{"
                                + "\"done\":")
                .contains("\"phase\":\"verifying\"")
                .contains("\"event\":\"download_finished\"");
    }

    private boolean halfWay(String reference) {
        try {
            return listed(reference).path("bytes").asLong() > hub.size() / 4;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String readUntil(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[8192];
        while (text.indexOf(end) < 0) {
            int n = in.read(buffer);
            assertThat(n).as("events up to now: %s", text).isPositive();
            text.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    @Test
    void twoWhoWantTheSameShareOneDownload() throws Exception {
        hub.hold();
        String body = "{\"model\":\"org/repo\",\"wait\":true}";
        CompletableFuture<HttpResponse<String>> first =
                client.sendAsync(posting("/models", body).build(), BodyHandlers.ofString());
        await(() -> halfWay("org/repo"));
        CompletableFuture<HttpResponse<String>> second =
                client.sendAsync(posting("/models", body).build(), BodyHandlers.ofString());
        CompletableFuture<HttpResponse<String>> third = client.sendAsync(
                posting("/models", "{\"model\":\"org/repo:Q8_0\",\"wait\":true}")
                        .build(),
                BodyHandlers.ofString());
        await(() -> isListed("org/repo:Q8_0"));

        hub.release();

        assertThat(first.join().statusCode()).isEqualTo(200);
        assertThat(second.join().statusCode()).isEqualTo(200);
        assertThat(third.join().statusCode()).isEqualTo(200);
        assertThat(hub.sent() - 1).as("but for the byte that asks for ranges").isEqualTo(hub.size());
    }

    @Test
    void aDownloadThatRunsIsNotStartedUnderAnotherName() throws Exception {
        hub.hold();
        post("/models", "{\"model\":\"org/repo\"}");

        HttpResponse<String> other = post("/models", "{\"model\":\"org/repo\",\"name\":\"other\"}");

        assertThat(refusal(other)).isEqualTo("409 model_busy");
    }

    @Test
    void aStoppedDownloadGoesOnWhereItWas() throws Exception {
        hub.hold();
        CompletableFuture<HttpResponse<String>> waiting = client.sendAsync(
                posting("/models", "{\"model\":\"org/repo\",\"wait\":true}").build(), BodyHandlers.ofString());
        await(() -> halfWay("org/repo"));

        HttpResponse<String> stopped = post("/models/unload", "{\"model\":\"org/repo\"}");

        assertThat(stopped.body()).isEqualTo(DONE);
        assertThat(refusal(waiting.join())).isEqualTo("409 interrupted");
        assertThat(listed("org/repo").path("value").asText()).isEqualTo("paused");
        hub.release();
        long before = hub.sent();
        assertThat(post("/models", "{\"model\":\"org/repo\",\"wait\":true}").statusCode())
                .isEqualTo(200);
        assertThat(hub.sent() - before).isLessThan(hub.size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDeletedDownloadLeavesNothing(boolean paused) throws Exception {
        hub.hold();
        post("/models", "{\"model\":\"org/repo\"}");
        await(() -> halfWay("org/repo"));
        if (paused) {
            post("/models/unload", "{\"model\":\"org/repo\"}");
            await(this::isPaused);
        }
        assertThat(partialFiles()).isPositive();

        assertThat(delete("org/repo").body()).isEqualTo(DONE);

        await(() -> partialFiles() == 0);
        assertThat(isListed("org/repo")).isFalse();
    }

    private boolean isPaused() {
        try {
            return listed("org/repo").path("value").asText().equals("paused");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://169.254.169.254/latest/x.gguf, 403 forbidden_address",
        "http://127.0.0.1:1/x.gguf, 403 forbidden_address",
        "https://elsewhere.example/x.gguf, 403 forbidden_address",
        "file:///etc/passwd, 403 forbidden_address",
        "../../etc/passwd, 400 invalid_reference",
        "nonsense, 400 invalid_reference",
        "org/other, 404 not_found",
    })
    void whatMustNotOrCannotBeFetchedIsRefusedInTheAnswer(String reference, String refusal) throws Exception {
        HttpResponse<String> answer = post("/models", "{\"model\":\"" + reference + "\"}");

        assertThat(refusal(answer)).isEqualTo(refusal);
        assertThat(answer.body()).doesNotContain("--allow-host");
        assertThat(hub.sent()).isZero();
    }

    @Test
    void aRefusedHostIsToldTheSettingThatAllowsIt() throws Exception {
        assertThat(post("/models", "{\"model\":\"https://elsewhere.example/x.gguf\"}")
                        .body())
                .contains("models.download-hosts elsewhere.example");
    }

    @Test
    void wrongBytesAreDeletedAndToldAsSuch() throws Exception {
        hub.corrupt();

        HttpResponse<String> answer = post("/models", "{\"model\":\"org/repo\",\"wait\":true}");

        assertThat(refusal(answer)).isEqualTo("502 digest_mismatch");
        assertThat(listed("org/repo").path("value").asText()).isEqualTo("failed");
        assertThat(listed("org/repo").path("code").asText()).isEqualTo("digest_mismatch");
        assertThat(isListed("demo-Q8_0")).isFalse();
    }

    @Test
    void aFullDiskIsToldBeforeAnythingIsTransferred() throws Exception {
        server.close();
        serve(new FullDisk(), Map.of());

        HttpResponse<String> answer = post("/models", "{\"model\":\"org/repo\"}");

        assertThat(refusal(answer)).isEqualTo("507 insufficient_storage");
        assertThat(hub.sent()).as("but for the byte that asks for ranges").isEqualTo(1);
    }

    /// A disk with room for a thousand bytes.
    private record FullDisk() implements Disk {
        @Override
        public OpenFile open(Path file) throws IOException {
            return Disk.REAL.open(file);
        }

        @Override
        public long usableBytes(Path directory) {
            return 1000;
        }
    }

    @Test
    void aLargerModelThanAllowedIsRefused() throws Exception {
        server.close();
        serve(Disk.REAL, Map.of("models.largest", "1MiB"));

        HttpResponse<String> answer = post("/models", "{\"model\":\"org/repo\"}");

        assertThat(refusal(answer)).isEqualTo("413 too_large");
        assertThat(answer.body()).contains("models.largest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"model\":7}",
                "{\"model\":\"org/repo\",\"name\":\"a b\"}",
                "{\"model\":\"org/repo\",\"name\":\"../x\"}",
                "{\"model\":\"org/repo\",\"sha256\":\"abc\"}",
                "{\"model\":\"org/repo\",\"wait\":\"yes\"}",
            })
    void aBodyThatIsNoDownloadIsRefused(String body) throws Exception {
        assertThat(post("/models", body).statusCode()).isEqualTo(400);
        assertThat(hub.sent()).isZero();
    }

    // --- Removal

    private void stored(String name) throws Exception {
        assertThat(post("/models", "{\"model\":\"org/repo\",\"name\":\"" + name + "\",\"wait\":true}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aRemovedModelIsGoneAtOnceWithItsFile() throws Exception {
        stored("mine");
        Path blob = catalogue.find("mine").orElseThrow().files().getFirst().path();

        assertThat(delete("mine").body()).isEqualTo(DONE);

        assertThat(isListed("mine")).isFalse();
        assertThat(blob).doesNotExist();
        assertThat(refusal(post("/v1/chat/completions", chat("mine")))).isEqualTo("404 model_not_found");
        assertThat(refusal(delete("mine"))).isEqualTo("404 model_not_found");
        stored("mine");
        assertThat(isListed("mine")).isTrue();
    }

    @Test
    void aFileThatIsUsedInPlaceIsOnlyForgotten() throws Exception {
        Path file = Files.copy(DEMO, home.resolve("own.gguf"));
        catalogue.reference(new ModelId("own"), List.of(file), "here");
        models.refresh();

        assertThat(delete("own").body()).isEqualTo(DONE);

        assertThat(isListed("own")).isFalse();
        assertThat(file).exists();
    }

    @Test
    void anAliasGoesWithoutItsModel() throws Exception {
        stored("mine");
        catalogue.alias("nick", "mine");
        models.refresh();

        assertThat(delete("nick").body()).isEqualTo(DONE);

        assertThat(refusal(delete("nick"))).isEqualTo("404 model_not_found");
        assertThat(isListed("mine")).isTrue();
    }

    @Test
    void anIdleModelLeavesMemoryFirstAndWatchersAreTold() throws Exception {
        stored("mine");
        post("/models/load", "{\"model\":\"mine\"}");
        await(() -> server.models().pool().status(new ModelId("mine")).state() == ModelState.READY);
        InputStream events = client.sendAsync(to("/models/sse").build(), BodyHandlers.ofInputStream())
                .join()
                .body();

        assertThat(delete("mine").body()).isEqualTo(DONE);

        assertThat(server.models().pool().status(new ModelId("mine")).state()).isEqualTo(ModelState.UNLOADED);
        assertThat(readUntil(events, "model_remove")).contains("{\"model\":\"mine\",\"event\":\"model_remove\"}");
    }

    @Test
    void aModelInUseStaysAndItsAnswerGoesOn() throws Exception {
        stored("mine");
        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(posting("/v1/chat/completions", chat("mine")).build(), BodyHandlers.ofString());
        await(() -> server.models().pool().status(new ModelId("mine")).users() == 1);

        HttpResponse<String> refused = delete("mine");

        assertThat(refusal(refused)).isEqualTo("409 model_busy");
        assertThat(isListed("mine")).isTrue();
        assertThat(answer.join().body()).endsWith("data: [DONE]\n\n");
        assertThat(delete("mine").statusCode()).isEqualTo(200);
    }

    @Test
    void whatIsNotTheCataloguesStays() throws Exception {
        Files.createDirectories(home.resolve("data/models"));
        Path dropped = Files.copy(DEMO, home.resolve("data/models/dropped.gguf"));
        models.refresh();

        assertThat(refusal(delete("millrace-demo"))).isEqualTo("409 model_not_removable");
        assertThat(refusal(delete("dropped"))).isEqualTo("409 model_not_removable");
        assertThat(dropped).exists();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "%2e%2e%2fx",
                "/etc/passwd",
                "..",
                "a%5Cb",
                "a%00b",
                "",
                "a%20b",
                "mine&model=other",
                "a/b/c",
            })
    void aNameThatIsNoneIsRefused(String name) throws Exception {
        assertThat(delete(name).statusCode()).isEqualTo(400);
    }

    @Test
    void deletingWithoutSayingWhatIsRefused() throws Exception {
        assertThat(send(to("/models").DELETE()).statusCode()).isEqualTo(400);
        assertThat(send(to("/models?all=1").DELETE()).statusCode()).isEqualTo(400);
    }

    @Test
    void pagesOfOtherSitesMayNotDelete() throws Exception {
        stored("mine");

        HttpResponse<String> refused = send(to("/models?model=mine")
                .header("origin", "https://evil.example")
                .DELETE());

        assertThat(refused.statusCode()).isEqualTo(421);
        assertThat(isListed("mine")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"models.changes,off", "server.behind-proxy,true"})
    void whereClientsMayNotChangeModelsTheyAreToldSo(String key, String value) throws Exception {
        stored("mine");
        server.close();
        serve(Disk.REAL, Map.of(key, value, "server.allowed-hosts", "*"));

        assertThat(refusal(delete("mine"))).isEqualTo("403 not_allowed");
        assertThat(refusal(post("/models", "{\"model\":\"org/repo\"}"))).isEqualTo("403 not_allowed");
        assertThat(isListed("mine")).isTrue();
    }
}
