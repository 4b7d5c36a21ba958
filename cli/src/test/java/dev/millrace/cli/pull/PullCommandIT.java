package dev.millrace.cli.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.FakeHub;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    private FakeHub hub;
    private @Nullable CommandFailedException failure;

    @BeforeEach
    void start() throws IOException {
        hub = FakeHub.with(Places.ofThisProcess(Map.of()).demoModel());
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private int pull(boolean terminal, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--base", hub.base()));
        arguments.addAll(List.of(more));
        return command(terminal, arguments);
    }

    private int command(boolean terminal, List<String> arguments) {
        Console console = new Console(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("MILLRACE_HOME", home.toString(), "HF_TOKEN", "hf_not_for_mirrors"),
                new Console.Terminals(terminal, terminal, terminal),
                Style.PLAIN);
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
        assertThat(out())
                .contains("Pulled demo-Q8_0: 3.5 MiB, verified", hub.digest(), "millrace serve --model demo-Q8_0");
        assertThat(err())
                .contains("Downloading demo-Q8_0", "Verifying demo-Q8_0")
                .doesNotContain("\033");
        int asked = hub.tokens().size();

        assertThat(pull(false, "org/repo")).isZero();

        assertThat(out()).endsWith("demo-Q8_0 is there already.\n");
        assertThat(hub.tokens()).hasSize(asked + 1);
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
                .isEqualTo("{\"phase\":\"done\",\"model\":\"mine\",\"received_bytes\":" + hub.size()
                        + ",\"digests_stated\":true,\"files\":[{\"bytes\":" + hub.size() + ",\"sha256\":\""
                        + hub.digest()
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
        assertThat(hub.tokens()).isEmpty();
    }

    @Test
    void tokenOfAFileIsSentAndNeverShown() throws IOException {
        Path file = home.resolve("token");
        Files.writeString(file, CANARY + "\n");

        assertThat(pull(false, "org/repo", "--json", "--token-file", file.toString()))
                .isZero();

        assertThat(hub.tokens()).isNotEmpty().allMatch(("Bearer " + CANARY)::equals);
        assertThat(out() + err()).doesNotContain(CANARY);
    }

    @Test
    void tokenForHuggingFaceIsNotGivenToAnotherHub() {
        assertThat(pull(false, "org/repo")).isZero();

        assertThat(hub.tokens()).isNotEmpty().allMatch("null"::equals);
    }

    @Test
    void settingsOfTheServerHoldForPullsByHand() throws IOException {
        Path settings = settings(hub.base());

        assertThat(command(false, List.of("org/repo", "--config", settings.toString())))
                .isZero();

        assertThat(hub.tokens()).isNotEmpty().allMatch(("Bearer " + CANARY)::equals);
    }

    @Test
    void tokenOfTheSettingsIsNotGivenToAnotherHub() throws IOException {
        Path settings = settings("https://hub.example.org");

        assertThat(pull(false, "org/repo", "--config", settings.toString())).isZero();

        assertThat(hub.tokens()).isNotEmpty().allMatch("null"::equals);
    }

    @Test
    void largestModelOfTheSettingsHoldsForPullsByHand() throws IOException {
        Path settings = home.resolve("settings.yaml");
        Files.writeString(settings, "models:\n  largest: 2MiB\n");

        assertThat(pull(false, "org/repo", "--config", settings.toString())).isEqualTo(ExitCode.FAILED.number());

        assertThat(String.valueOf(failure)).contains("allowed are 2.0 MiB");
    }

    private Path settings(String hubAddress) throws IOException {
        Path token = Files.writeString(home.resolve("token"), CANARY + "\n");
        return Files.writeString(
                home.resolve("settings.yaml"), "models:\n  hub: " + hubAddress + "\n  token-file: " + token + "\n");
    }

    @Test
    void unreadableTokenIsNotRepeated() throws IOException {
        Path file = home.resolve("token");
        Files.writeString(file, CANARY + " and more\n");

        assertThat(pull(false, "org/repo", "--token-file", file.toString())).isEqualTo(ExitCode.USAGE.number());

        assertThat(String.valueOf(failure)).doesNotContain(CANARY);
    }
}
