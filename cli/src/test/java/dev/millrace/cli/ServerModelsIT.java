package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.Style;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `ps`, `load` and `unload` against a server whose states a test scripts; its replies have the real one's form.
class ServerModelsIT {
    private static final String UNLOADED = "{\"value\":\"unloaded\",\"requests\":0,\"waiting\":0}";
    private static final String HALF_WAY =
            "{\"value\":\"loading\",\"phase\":\"loading\",\"progress\":0.434,\"time_left_ms\":4200,\"requests\":0,\"waiting\":2,"
                    + "\"memory_bytes\":1048576,\"memory_measured\":false}";
    private static final String LOADED =
            "{\"value\":\"loaded\",\"requests\":0,\"waiting\":0,\"memory_bytes\":1048576,\"memory_measured\":true,"
                    + "\"expires_in_ms\":299990}";
    private static final String BUSY =
            "{\"value\":\"loaded\",\"requests\":2,\"waiting\":0,\"memory_bytes\":1048576,\"memory_measured\":true}";
    private static final String DRAINING = BUSY.replace("loaded", "unloading");
    private static final String FAILED =
            "{\"value\":\"failed\",\"requests\":0,\"waiting\":0,\"failed\":true,\"reason\":\"the file is damaged\",\"retry_in_ms\":900}";

    private final List<String> commands = new CopyOnWriteArrayList<>();
    private HttpServer http;
    private String before = UNLOADED;
    private List<String> events = List.of();
    private String out = "";
    private String err = "";

    @BeforeEach
    void aServer() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/models", exchange -> answer(exchange, "{\"data\":[" + entry() + "]}"));
        http.createContext("/v1/models/maker/m:q8", exchange -> answer(exchange, entry()));
        http.createContext("/models/load", this::command);
        http.createContext("/models/unload", this::command);
        http.createContext("/models/sse", exchange -> {
            StringBuilder text = new StringBuilder();
            text.append(event("other", LOADED)).append(": heartbeat\n\n");
            events.forEach(status -> text.append(event("maker/m:q8", status)));
            answer(exchange, text.toString());
        });
        http.start();
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    private String entry() {
        return "{\"id\":\"maker/m:q8\",\"status\":" + before + "}";
    }

    private static String event(String model, String status) {
        if (status.equals("DOWNLOAD")) {
            return "data: {\"model\":\"" + model + "\",\"event\":\"download_progress\",\"data\":{\"details\":{"
                    + "\"value\":\"downloading\"}}}\n\n";
        }
        return "data: {\"model\":\"" + model + "\",\"event\":\"status_change\",\"data\":{\"details\":" + status
                + "}}\n\n";
    }

    private void command(HttpExchange exchange) throws IOException {
        commands.add(exchange.getRequestURI() + " "
                + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        answer(exchange, "{\"success\":true}");
    }

    private static void answer(HttpExchange exchange, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (OutputStream to = exchange.getResponseBody()) {
            exchange.sendResponseHeaders(200, bytes.length);
            to.write(bytes);
        }
    }

    private int run(String... args) {
        return run(false, args);
    }

    private int run(boolean terminal, String... args) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8),
                Map.of(),
                new Console.Terminals(false, false, terminal),
                Style.PLAIN);
        String[] all = java.util.Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--url";
        all[args.length + 1] = "http://127.0.0.1:" + http.getAddress().getPort();
        int status = Millrace.execute(console, all);
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return status;
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out);
    }

    @Test
    void psShowsWhatIsOnItsWay() {
        before = HALF_WAY;

        assertThat(run("ps")).isZero();

        assertThat(out).containsPattern("maker/m:q8 +loading 43 % +~1.0 MiB +0 +2\n");
    }

    @Test
    void psShowsWhyAModelIsNotThere() {
        before = FAILED;

        assertThat(run("ps")).isZero();

        assertThat(out).containsPattern("maker/m:q8 +failed").contains("! the file is damaged");
    }

    @Test
    void psSaysThatThereIsNone() throws IOException {
        assertThat(run("ps")).isZero();
        assertThat(out).startsWith("No model is in memory.");
        assertThat(run("ps", "--json")).isZero();
        assertThat(json().path("models")).isEmpty();
    }

    @Test
    void psWithoutAServerSaysWhatToDo() {
        http.stop(0);

        assertThat(run("ps")).isEqualTo(4);

        assertThat(err).contains("nobody listens there", "millrace serve");
    }

    @Test
    void loadShowsHowFarItIsAndEndsWhenItIsReady() {
        events = List.of(HALF_WAY, LOADED);

        assertThat(run(true, "load", "maker/m:q8", "--keep-alive", "-1", "--pin"))
                .isZero();

        assertThat(commands)
                .containsExactly("/models/load {\"model\":\"maker/m:q8\",\"keep_alive\":\"-1\",\"pin\":true}");
        assertThat(err).contains("reading the weights, 4 s left", " 43 %");
        assertThat(out)
                .matches(
                        "maker/m:q8 is ready in \\d+\\.\\d s, 1\\.0 MiB; it leaves after 5 min without a request\\.\n");
    }

    @Test
    void loadTellsWhyItFailedToPeopleAndPrograms() throws IOException {
        events = List.of(HALF_WAY, FAILED);

        assertThat(run("load", "maker/m:q8", "--json")).isEqualTo(5);

        assertThat(err).contains("maker/m:q8 was not loaded: the file is damaged");
        assertThat(json().path("value").asText()).isEqualTo("failed");
        assertThat(json().path("reason").asText()).isEqualTo("the file is damaged");
        assertThat(json().path("seconds").isNumber()).isTrue();
    }

    @Test
    void loadOfAModelThatIsLeavingWaitsUntilItIsBack() {
        before = DRAINING;
        events = List.of(DRAINING, UNLOADED.replace("unloaded", "unloading"), HALF_WAY, LOADED);

        assertThat(run(true, "load", "maker/m:q8")).isZero();

        assertThat(err).contains("leaving first; requests on it: 2");
        assertThat(out).contains("is ready in");
    }

    @Test
    void psTellsAModelThatLeavesFromOneThatStays() {
        before = DRAINING;

        assertThat(run("ps")).isZero();

        assertThat(out).containsPattern("maker/m:q8 +stopping +1.0 MiB +2 +0\n");
    }

    @Test
    void psShowsWhatIsBeingDownloaded() {
        before =
                "{\"value\":\"downloading\",\"phase\":\"downloading\",\"bytes\":9,\"total_bytes\":99,\"progress\":0.091}";

        assertThat(run("ps")).isZero();

        assertThat(out).containsPattern("maker/m:q8 +downloading 9 % ");
    }

    @Test
    void eventsOfDownloadsAreNotTakenForModels() {
        before = HALF_WAY;
        events = List.of("DOWNLOAD", LOADED);

        assertThat(run("load", "maker/m:q8")).isZero();

        assertThat(out).contains("is ready in");
    }

    @Test
    void loadSaysThatAServerWentAway() {
        events = List.of(HALF_WAY);

        assertThat(run("load", "maker/m:q8")).isEqualTo(4);

        assertThat(err).contains("the server ended the connection");
    }

    @Test
    void loadThatDoesNotWaitOnlyAsks() {
        before = HALF_WAY;

        assertThat(run("load", "maker/m:q8", "--no-wait")).isZero();

        assertThat(out).isEqualTo("Asked for maker/m:q8; millrace ps shows how far it is.\n");
    }

    @Test
    void unloadWaitsForTheRequestsOnItAndSaysWhatCameBack() throws IOException {
        before = BUSY;
        events = List.of(DRAINING, UNLOADED);

        assertThat(run(true, "unload", "maker/m:q8")).isZero();

        assertThat(err).contains("leaves after the requests on it: 2");
        assertThat(out).isEqualTo("maker/m:q8 left memory, 1.0 MiB came back.\n");
        assertThat(run("unload", "maker/m:q8", "--json")).isZero();
        assertThat(json().path("freed_bytes").asLong()).isEqualTo(1 << 20);
    }

    @Test
    void unloadOfWhatIsNotThereIsNoFailure() {
        events = List.of(UNLOADED);

        assertThat(run("unload", "maker/m:q8")).isZero();

        assertThat(out).isEqualTo("maker/m:q8 is not in memory.\n");
    }
}
