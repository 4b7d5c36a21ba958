package dev.millrace.cli.console;

/// Tells a person why a command failed.
public final class Failures {
    private Failures() {}

    /// Writes the reason and the remedy on standard error.
    public static void show(Console console, CommandFailedException failure) {
        Style style = console.style();
        console.err().println(style.red("millrace: ") + TerminalText.safe(String.valueOf(failure.getMessage())));
        console.err().println("  " + TerminalText.safe(failure.remedy()));
    }
}
