package dev.millrace.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTextTest {
    @Test
    void plainTextStaysAsItIs() {
        String text = "Grüße, 世界 👋🏽\n\tindented";

        assertThat(TerminalText.safe(text)).isSameAs(text);
    }

    @Test
    void escapeSequencesAreShownInsteadOfSent() {
        assertThat(TerminalText.safe("\u001b[31mred\u001b]0;title\u0007")).isEqualTo("␛[31mred␛]0;title␇");
    }

    @Test
    void everyControlCharacterIsDisarmed() {
        for (char c = 0; c < 0xa0; c++) {
            boolean control = Character.isISOControl(c) && c != '\n' && c != '\t';
            if (control) {
                assertThat(TerminalText.safe("a" + c + "b"))
                        .as("U+%04X", (int) c)
                        .doesNotContain("" + c);
            }
        }
    }

    @Test
    void marksThatReorderTextAreDisarmed() {
        assertThat(TerminalText.safe("a\u202eb\u2066c")).isEqualTo("a\ufffdb\ufffdc");
    }

    @Test
    void aLineStaysOneLine() {
        assertThat(TerminalText.safeLine("a\r\nb\tc")).isEqualTo("a b c");
    }
}
