package dev.millrace.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Style;
import dev.millrace.cli.serve.OccasionalServer;
import dev.millrace.core.time.NanoClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(20)
class RunCommandIT {
    private static final URI NOBODY = URI.create("http://127.0.0.1:9");

    private final FakeServer server;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable String startedModel;
    private @Nullable Exception failure;

    RunCommandIT() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private int run(URI usual, String piped, String... args) {
        Console console = new Console(
                new ByteArrayInputStream(piped.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of(),
                new Console.Terminals(false, false, false),
                Style.PLAIN);
        return new CommandLine(new RunCommand(console, this::start, usual, NanoClock.SYSTEM))
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    failure = e;
                    return -1;
                })
                .execute(args);
    }

    private OccasionalServer start(@Nullable String model) {
        startedModel = model;
        return new OccasionalServer() {
            @Override
            public URI address() {
                return server.address();
            }

            @Override
            public void close() {
                closed.set(true);
            }
        };
    }

    @Test
    void theAnswerAndNothingElseIsOnStandardOutput() {
        server.says("Hello", " there");

        assertThat(run(server.address(), "", "hi")).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("Hello there\n");
        assertThat(err.size()).isZero();
    }

    @Test
    void whatIsPipedInIsPutBehindThePrompt() {
        server.says("ok");

        run(server.address(), "line 1\nline 2\n", "Sum", "up:");

        assertThat(server.questions.getFirst()).contains("\"content\":\"Sum up:\\n\\nline 1\\nline 2\"");
    }

    @Test
    void aPipeGetsTheBytesAsTheModelWroteThem() {
        server.says("\\u001b[1mbold\\u001b[0m");

        run(server.address(), "", "hi");

        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("\u001b[1mbold\u001b[0m\n");
    }

    @Test
    void statsGoToStandardError() {
        server.says("a", "b");

        run(server.address(), "", "--stats", "hi");

        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("ab\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("2 tokens · ");
    }

    @Test
    void aRefusalFails() {
        server.refuses(429, "{\"error\":{\"message\":\"queue is full\",\"code\":\"queue_full\"}}");

        run(server.address(), "", "hi");

        assertThat(failure).isInstanceOfSatisfying(CommandFailedException.class, e -> {
            assertThat(e.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(e.remedy()).contains("try again");
        });
        assertThat(out.size()).isZero();
    }

    @Test
    void aServerIsStartedForTheOccasionAndClosedAfterwards() {
        server.says("own");

        assertThat(run(NOBODY, "", "-m", "some.gguf", "hi")).isZero();

        assertThat(startedModel).isEqualTo("some.gguf");
        assertThat(closed).isTrue();
        assertThat(server.questions.getFirst()).contains("\"model\":\"one\"");
    }
}
