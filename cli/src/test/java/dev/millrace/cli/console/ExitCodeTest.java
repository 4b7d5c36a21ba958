package dev.millrace.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExitCodeTest {
    @Test
    void theNumbersAreAContractWithScripts() {
        assertThat(Stream.of(ExitCode.values()).map(c -> c + "=" + c.number()))
                .containsExactly(
                        "OK=0",
                        "FAILED=1",
                        "USAGE=2",
                        "CONFIGURATION=3",
                        "UNREACHABLE=4",
                        "MODEL=5",
                        "INTERRUPTED=130");
    }
}
