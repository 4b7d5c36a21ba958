package dev.millrace.cli.console;

import java.util.Locale;

/// One line at the bottom of a terminal that shows how far something is; nothing where there is no terminal.
/// *Confined to one thread.*
public final class ProgressLine implements AutoCloseable {
    private static final int WIDTH = 24;

    private final Console console;
    private String shown = "";

    public ProgressLine(Console console) {
        this.console = console;
    }

    /// Shows a bar.
    ///
    /// @param fraction 0..1
    public void at(String label, float fraction) {
        int full = Math.round(WIDTH * fraction);
        show(String.format(
                Locale.ROOT, "%s %s%s %3.0f %%", label, "█".repeat(full), "░".repeat(WIDTH - full), fraction * 100));
    }

    /// Shows a text that has no measure.
    public void show(String text) {
        if (console.terminals().err() && !text.equals(shown)) {
            console.err().print("\r\033[K" + TerminalText.safeLine(text));
            console.err().flush();
            shown = text;
        }
    }

    /// Removes the line.
    @Override
    public void close() {
        if (!shown.isEmpty()) {
            console.err().print("\r\033[K");
            console.err().flush();
            shown = "";
        }
    }
}
