package dev.millrace.cli.console;

import java.util.function.Consumer;
import org.jline.utils.WCWidth;

/// Breaks a stream of text between words, so that a terminal does not break it within them. A word is passed on when
/// its end is seen. *Confined to one thread.*
public final class WordWrap {
    private final int width;
    private final Consumer<String> sink;
    private final StringBuilder word = new StringBuilder();
    private int wordColumns;
    private int column;

    /// @param width columns of the terminal; 0 = unknown, then nothing is broken and nothing held back
    /// @param sink takes the text
    public WordWrap(int width, Consumer<String> sink) {
        this.width = width;
        this.sink = sink;
    }

    /// Takes the next piece, cut anywhere.
    public void accept(String text) {
        if (width <= 0) {
            sink.accept(text);
            return;
        }
        text.codePoints().forEach(this::take);
    }

    private void take(int c) {
        if (c == '\n') {
            flush();
            sink.accept("\n");
            column = 0;
        } else if (c == ' ') {
            flush();
            if (column < width) {
                sink.accept(" ");
                column++;
            }
        } else {
            word.appendCodePoint(c);
            wordColumns += Math.max(0, WCWidth.wcwidth(c));
            if (wordColumns >= width) {
                flush(); // longer than a line: the terminal breaks it
            }
        }
    }

    /// Passes on what is held back.
    public void flush() {
        if (word.isEmpty()) {
            return;
        }
        if (column > 0 && column + wordColumns > width) {
            sink.accept("\n");
            column = 0;
        }
        sink.accept(word.toString());
        column = (column + wordColumns) % width;
        word.setLength(0);
        wordColumns = 0;
    }
}
