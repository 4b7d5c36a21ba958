package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Style;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The command as a script sees it: exit status, standard output, standard error.
class MillraceIT {
    @TempDir
    Path home;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String piped, String... args) {
        Console console = new Console(
                new ByteArrayInputStream(piped.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("MILLRACE_HOME", home.toString()),
                new Console.Terminals(false, false, false),
                Style.PLAIN);
        return Millrace.execute(console, args);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void helpListsEveryCommandAndEveryExitStatus() {
        assertThat(run("", "--help")).isZero();

        assertThat(out())
                .contains("serve", "chat", "run", "list", "show", "import", "rm", "doctor", "config", "Examples:");
        for (ExitCode code : ExitCode.values()) {
            assertThat(out()).contains(String.format("%3d", code.number()), code.meaning());
        }
        assertThat(err()).isEmpty();
    }

    @Test
    void versionNamesMillraceAndJava() {
        assertThat(run("", "--version")).isZero();

        assertThat(out()).matches("(?s)millrace \\d+\\.\\d+\\.\\d+.*Java 25.*");
    }

    @Test
    void aMistypedCommandIsAUsageErrorWithASuggestion() {
        assertThat(run("", "sevre")).isEqualTo(ExitCode.USAGE.number());

        assertThat(out()).isEmpty();
        assertThat(err()).contains("sevre").contains("serve");
    }

    @Test
    void nothingToAskIsAUsageError() {
        assertThat(run("  \n", "run")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err()).contains("nothing to ask");
    }

    @Test
    void anAddressWhereNobodyListensIsUnreachable() {
        assertThat(run("", "run", "--url", "http://127.0.0.1:9", "hi")).isEqualTo(ExitCode.UNREACHABLE.number());

        assertThat(out()).isEmpty();
        assertThat(err()).contains("nobody listens there").contains("millrace serve");
    }

    @Test
    void anAddressThatIsNoneIsAUsageError() {
        assertThat(run("", "run", "--url", "localhost", "hi")).isEqualTo(ExitCode.USAGE.number());
    }

    @Test
    void doctorTellsProgramsTheSameAsPeople() {
        int status = run("", "doctor", "--json");

        assertThat(out()).contains("\"name\" : \"Java\"", "\"name\" : \"Demo model\"");
        assertThat(status).isEqualTo(out().contains("\"ok\" : true") ? 0 : ExitCode.FAILED.number());
    }
}
