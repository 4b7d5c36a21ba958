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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The server's routes over the real catalogue and downloads, with engines that only pretend, and a hub on loopback.
@Timeout(60)
abstract class StoreFixture {
    static final Path DEMO = Places.ofThisProcess(Map.of()).demoModel();
    static final String DONE = "{\"success\":true}";

    @TempDir
    Path home;

    final HttpClient client = HttpClient.newHttpClient();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    Catalogue catalogue;
    FakeHub hub;
    MillraceServer server;
    MachineModels models;

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
        client.shutdownNow(); // close would wait for the streams that nobody reads any more
        timer.shutdownNow();
    }

    final void serve(Disk disk, Map<String, String> more) throws Exception {
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
                new ModelFile(new ModelId("millrace-demo"), DEMO),
                catalogue,
                new MemoryNeeds(config.engine()),
                MeasuredMemory.in(home.resolve("measured-memory.json")));
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

    void await(BooleanSupplier condition) {
        long startNanos = NanoClock.SYSTEM.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(Duration.ofNanos(NanoClock.SYSTEM.nanoTime() - startNanos))
                    .isLessThan(Duration.ofSeconds(10));
            LockSupport.parkNanos(1_000_000);
        }
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    HttpRequest.Builder posting(String path, String body) {
        return to(path).header("content-type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
    }

    HttpResponse<String> post(String path, String body) throws Exception {
        return send(posting(path, body));
    }

    HttpResponse<String> delete(String name) throws Exception {
        return send(to("/models?model=" + name).DELETE());
    }

    /// Status and code of an error; what it says must not be empty.
    static String refusal(HttpResponse<String> response) throws IOException {
        JsonNode error = json(response).path("error");
        assertThat(error.path("message").asText()).isNotEmpty();
        return response.statusCode() + " " + error.path("code").asText();
    }

    static JsonNode json(HttpResponse<String> response) throws IOException {
        return new ObjectMapper().readTree(response.body());
    }

    JsonNode listed(String id) throws Exception {
        for (JsonNode entry : json(send(to("/models"))).path("data")) {
            if (entry.path("id").asText().equals(id)) {
                return entry.path("status");
            }
        }
        return new ObjectMapper().missingNode();
    }

    boolean isListed(String id) {
        try {
            return !listed(id).isMissingNode();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    long partialFiles() {
        try (Stream<Path> files = Files.walk(catalogue.partialDirectory())) {
            return files.filter(file ->
                            Files.isRegularFile(file) && !file.toString().endsWith(".lock"))
                    .count();
        } catch (IOException e) {
            return -1;
        }
    }

    String chat(String model) {
        return "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    }

    static String readUntil(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[8192];
        while (text.indexOf(end) < 0) {
            int n = in.read(buffer);
            assertThat(n).as("events up to now: %s", text).isPositive();
            text.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    boolean halfWay(String reference) {
        try {
            return listed(reference).path("bytes").asLong() > hub.size() / 4;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    void stored(String name) throws Exception {
        assertThat(post("/models", "{\"model\":\"org/repo\",\"name\":\"" + name + "\",\"wait\":true}")
                        .statusCode())
                .isEqualTo(200);
    }
}
