package dev.millrace.cli.console;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;

/// The streams and the environment of a command. *Immutable.*
///
/// @param environment the process environment, or a test's
/// @param terminals which of `in`, `out` and `err` are terminals
/// @param style how text is coloured on `err` and, if it is a terminal, on `out`
public record Console(
        InputStream in,
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        Terminals terminals,
        Style style) {
    /// The console of this process. The launcher knows which streams are terminals and says so in a system
    /// property.
    public static Console ofThisProcess() {
        Terminals terminals = Terminals.parse(System.getProperty("millrace.terminals", ""));
        Map<String, String> environment = System.getenv();
        return new Console(
                System.in,
                System.out,
                System.err,
                environment,
                terminals,
                new Style(Style.isWanted(environment, terminals)));
    }

    /// The same console without colours.
    public Console withoutColour() {
        return new Console(in, out, err, environment, terminals, Style.PLAIN);
    }

    /// Which streams are terminals.
    public record Terminals(boolean in, boolean out, boolean err) {
        /// Reads `in,out,err,`.
        static Terminals parse(String text) {
            var names = java.util.List.of(text.split(","));
            return new Terminals(names.contains("in"), names.contains("out"), names.contains("err"));
        }
    }
}
