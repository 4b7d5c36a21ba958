package dev.millrace.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordWrapTest {
    private final StringBuilder shown = new StringBuilder();

    private String wrap(int width, String... pieces) {
        WordWrap wrap = new WordWrap(width, shown::append);
        for (String piece : pieces) {
            wrap.accept(piece);
        }
        wrap.flush();
        return shown.toString();
    }

    @Test
    void linesBreakBetweenWords() {
        assertThat(wrap(10, "one two three four")).isEqualTo("one two \nthree four");
    }

    @Test
    void aWordCutIntoPiecesStaysOneWord() {
        assertThat(wrap(10, "one two th", "re", "e")).isEqualTo("one two \nthree");
    }

    @Test
    void lineEndsOfTheTextStartAnew() {
        assertThat(wrap(10, "one two\nthree four")).isEqualTo("one two\nthree four");
    }

    @Test
    void aWordLongerThanALineIsLeftToTheTerminal() {
        assertThat(wrap(4, "abcdefgh ij")).isEqualTo("abcdefgh ij");
    }

    @Test
    void wideCharactersCountTwice() {
        assertThat(wrap(8, "ab 世界 x")).isEqualTo("ab 世界 \nx");
    }

    @Test
    void withoutAWidthNothingIsChangedOrHeldBack() {
        new WordWrap(0, shown::append).accept("one tw");

        assertThat(shown).hasToString("one tw");
    }
}
