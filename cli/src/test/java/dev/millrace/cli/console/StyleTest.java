package dev.millrace.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StyleTest {
    private static final Console.Terminals TERMINAL = Console.Terminals.parse("in,out,err,");

    @Test
    void coloursAreForTerminals() {
        assertThat(Style.isWanted(Map.of(), TERMINAL)).isTrue();
        assertThat(Style.isWanted(Map.of(), Console.Terminals.parse("in,err,"))).isFalse();
        assertThat(Style.isWanted(Map.of(), Console.Terminals.parse(""))).isFalse();
    }

    @Test
    void noColorIsRespected() {
        assertThat(Style.isWanted(Map.of("NO_COLOR", "1"), TERMINAL)).isFalse();
        assertThat(Style.isWanted(Map.of("NO_COLOR", ""), TERMINAL)).isTrue();
        assertThat(Style.isWanted(Map.of("TERM", "dumb"), TERMINAL)).isFalse();
    }

    @Test
    void withoutColoursTextStaysAsItIs() {
        assertThat(Style.PLAIN.red("x") + Style.PLAIN.dim("y")).isEqualTo("xy");
        assertThat(new Style(true).bold("x")).isEqualTo("\033[1mx\033[0m");
    }
}
