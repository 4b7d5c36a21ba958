package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.console.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The distribution as it is built, moved somewhere else, started by its script.
@Timeout(120)
class LauncherIT {
    private static final Pattern ADDRESS = Pattern.compile("is ready on (http://\\S+)");

    @TempDir
    static Path folder;

    private static Path moved;

    @BeforeAll
    static void moveTheDistribution() throws IOException {
        Path built = Path.of("target", "dist").toAbsolutePath();
        moved = folder.resolve("somewhere else");
        try (Stream<Path> files = Files.walk(built)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.getFileName().toString().startsWith("millrace.aot")) {
                    Path target = moved.resolve(built.relativize(file).toString());
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                }
            }
        }
    }

    private static ProcessBuilder millrace(String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(Stream.of(moved.resolve("millrace").toString()), Stream.of(arguments))
                        .toList());
        Map<String, String> environment = builder.environment();
        environment.put("MILLRACE_HOME", folder.resolve("home").toString());
        environment.put("MILLRACE_JAVA_HOME", System.getProperty("java.home"));
        environment.put("MILLRACE_NO_AOT", "1");
        environment.remove("MILLRACE_JAVA_OPTS");
        return builder.redirectInput(Path.of("/dev/null").toFile());
    }

    private static Ended end(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), output);
    }

    private record Ended(int status, String output) {}

    @Test
    void theDistributionHoldsTheDemoModel() {
        assertThat(moved.resolve("models/millrace-demo.gguf")).isNotEmptyFile();
    }

    @Test
    void aMovedDistributionStarts() throws Exception {
        Ended ended = end(millrace("--version"));

        assertThat(ended.output()).startsWith("millrace ");
        assertThat(ended.status()).isZero();
    }

    @Test
    void withoutAJdkTheMessageSaysWhatToDo() throws Exception {
        ProcessBuilder builder = millrace("--version");
        builder.environment().put("MILLRACE_JAVA_HOME", folder.toString());

        Ended ended = end(builder);

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.output()).contains("not a JDK 25").contains("unset it");
    }

    @Test
    void wordsOfAnyScriptReachTheCommandInAnyLocale() throws Exception {
        ProcessBuilder builder = millrace("wörter");
        builder.environment().put("LC_ALL", "C");

        assertThat(end(builder).output()).contains("wörter");
    }

    @Test
    void aServerAnswersNamesAConflictAndDrains() throws Exception {
        Process server = millrace("serve", "--engine", "simulated", "--port", "0")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8);
                HttpClient client = HttpClient.newHttpClient()) {
            URI address = address(out);

            HttpResponse<String> ready = client.send(
                    HttpRequest.newBuilder(address.resolve("/health/ready")).build(),
                    HttpResponse.BodyHandlers.ofString());
            Ended second = end(millrace("serve", "--engine", "simulated", "--port", "" + address.getPort()));
            Ended asked = end(millrace("run", "--url", address.toString(), "-m", "simulated/0ms", "hello"));
            server.toHandle().destroy();

            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(second.status()).isEqualTo(ExitCode.UNREACHABLE.number());
            assertThat(second.output()).contains("a Millrace server is running there already");
            assertThat(asked.output()).hasLineCount(1).isNotBlank();
            assertThat(server.waitFor(Duration.ofSeconds(30))).isTrue();
            assertThat(server.exitValue()).isZero();
            assertThat(out.lines()).last().isEqualTo("Stopped.");
        } finally {
            server.destroyForcibly();
        }
    }

    private static URI address(BufferedReader out) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher m = ADDRESS.matcher(line);
            if (m.find()) {
                return URI.create(m.group(1));
            }
        }
        throw new IOException("the server ended without an address");
    }

    @Test
    void aSettingThatIsNoneIsNamedWithASuggestion() throws Exception {
        Ended ended = end(millrace("config", "--set", "server.prot=1"));

        assertThat(ended.status()).isEqualTo(ExitCode.CONFIGURATION.number());
        assertThat(ended.output()).contains("server.prot").contains("server.port");
    }

    @Test
    void aMissingModelEndsTheStartWithARemedy() throws Exception {
        Ended ended = end(millrace("serve", "--model", "no-such-model", "--port", "0"));

        assertThat(ended.status()).isEqualTo(ExitCode.MODEL.number());
        assertThat(ended.output()).contains("no model 'no-such-model'").contains("GGUF");
    }

    @Test
    void theEffectiveConfigurationIsPrinted() throws Exception {
        List<String> lines =
                end(millrace("config", "--port", "9001")).output().lines().toList();

        assertThat(lines).anyMatch(line -> line.matches("\\s+port: 9001\\s+# --server.port"));
    }
}
