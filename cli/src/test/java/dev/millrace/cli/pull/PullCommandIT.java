package dev.millrace.cli.pull;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.console.Style;
import dev.millrace.core.time.NanoClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The command against a hub on loopback that has the demo model.
@Timeout(60)
class PullCommandIT {
    private static final String CANARY = "hf_canarycanary";

    @TempDir
    Path home;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private HttpServer hub;
    private byte[] model;
    private @Nullable CommandFailedException failure;

    @BeforeEach
    void start() throws IOException {
        model = Files.readAllBytes(Places.ofThisProcess(Map.of()).demoModel());
        hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hub.createContext("/", this::answer);
        hub.start();
    }

    @AfterEach
    void stop() {
        hub.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/api/models/org/repo/tree/main")) {
            String list = "[{\"type\":\"file\",\"path\":\"demo-Q8_0.gguf\",\"size\":" + model.length
                    + ",\"lfs\":{\"oid\":\"" + digest() + "\",\"size\":" + model.length + "}}]";
            send(exchange, 200, list.getBytes(StandardCharsets.UTF_8));
        } else if (path.equals("/org/repo/resolve/main/demo-Q8_0.gguf")) {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int dash = range.indexOf('-');
            int from = Integer.parseInt(range.substring("bytes=".length(), dash));
            int last = Integer.parseInt(range.substring(dash + 1));
            exchange.getResponseHeaders().set("ETag", "\"one\"");
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + last + "/" + model.length);
            send(exchange, 206, Arrays.copyOfRange(model, from, last + 1));
        } else {
            send(exchange, 404, new byte[0]);
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String digest() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(model));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String base() {
        return "http://127.0.0.1:" + hub.getAddress().getPort();
    }

    private int pull(boolean terminal, String... more) {
        Console console = new Console(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("MILLRACE_HOME", home.toString(), "HF_TOKEN", "hf_not_for_mirrors"),
                new Console.Terminals(terminal, terminal, terminal),
                Style.PLAIN);
        List<String> arguments = new ArrayList<>(List.of("--base", base()));
        arguments.addAll(List.of(more));
        return new CommandLine(new PullCommand(console, NanoClock.SYSTEM))
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    failure = (CommandFailedException) e;
                    return failure.exitCode().number();
                })
                .execute(arguments.toArray(String[]::new));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void modelIsPulledAndFoundTheSecondTime() {
        assertThat(pull(false, "org/repo")).isZero();
        assertThat(out()).contains("Pulled demo-Q8_0: 3.5 MiB, verified", digest(), "millrace serve --model demo-Q8_0");
        assertThat(err())
                .contains("Downloading demo-Q8_0", "Verifying demo-Q8_0")
                .doesNotContain("\033");
        int asked = tokens.size();

        assertThat(pull(false, "org/repo")).isZero();

        assertThat(out()).endsWith("demo-Q8_0 is there already.\n");
        assertThat(tokens).hasSize(asked + 1);
    }

    @Test
    void terminalShowsABarThatIsGoneAtTheEnd() {
        assertThat(pull(true, "org/repo")).isZero();

        assertThat(err()).contains("demo-Q8_0 ", "░", " %  ", "/3.5 MiB").endsWith("\r\033[K");
        assertThat(err().split("\r\033\\[K", -1)).allMatch(line -> line.length() < 80);
    }

    @Test
    void jsonIsOneObjectPerLineAndTheLastOneHasTheOutcome() {
        assertThat(pull(false, "org/repo", "--json", "--name", "mine")).isZero();

        List<String> lines = out().lines().toList();
        assertThat(lines).allMatch(line -> line.startsWith("{\"phase\":\"") && line.endsWith("}"));
        assertThat(lines.getLast())
                .isEqualTo("{\"phase\":\"done\",\"model\":\"mine\",\"received_bytes\":" + model.length
                        + ",\"digests_stated\":true,\"files\":[{\"bytes\":" + model.length + ",\"sha256\":\"" + digest()
                        + "\"}]}");
        assertThat(err()).isEmpty();
    }

    @Test
    void failureIsToldAsTextAndAsJson() {
        assertThat(pull(false, "org/other", "--json")).isEqualTo(ExitCode.FAILED.number());

        assertThat(failure).hasMessageContaining("has no such model or file");
        assertThat(out().lines().toList().getLast())
                .isEqualTo("{\"phase\":\"failed\",\"error\":{\"code\":\"not_found\",\"message\":\"127.0.0.1 has no such"
                        + " model or file\"}}");
    }

    @Test
    void misunderstoodReferenceIsAFaultOfTheCommandLine() {
        assertThat(pull(false, "nonsense")).isEqualTo(ExitCode.USAGE.number());
        assertThat(pull(false, "org/repo", "--parts", "99")).isEqualTo(ExitCode.USAGE.number());
        assertThat(pull(false, "org/repo", "--name", "../../x")).isEqualTo(ExitCode.USAGE.number());
        assertThat(tokens).isEmpty();
    }

    @Test
    void tokenOfAFileIsSentAndNeverShown() throws IOException {
        Path file = home.resolve("token");
        Files.writeString(file, CANARY + "\n");

        assertThat(pull(false, "org/repo", "--json", "--token-file", file.toString()))
                .isZero();

        assertThat(tokens).isNotEmpty().allMatch(("Bearer " + CANARY)::equals);
        assertThat(out() + err()).doesNotContain(CANARY);
    }

    @Test
    void tokenForHuggingFaceIsNotGivenToAnotherHub() {
        assertThat(pull(false, "org/repo")).isZero();

        assertThat(tokens).isNotEmpty().allMatch("null"::equals);
    }

    @Test
    void unreadableTokenIsNotRepeated() throws IOException {
        Path file = home.resolve("token");
        Files.writeString(file, CANARY + " and more\n");

        assertThat(pull(false, "org/repo", "--token-file", file.toString())).isEqualTo(ExitCode.USAGE.number());

        assertThat(String.valueOf(failure)).doesNotContain(CANARY);
    }
}
