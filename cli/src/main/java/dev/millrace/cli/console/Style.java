package dev.millrace.cli.console;

import java.util.Map;

/// Colours and weights, or none. *Immutable.*
///
/// @param enabled false leaves every text as it is
public record Style(boolean enabled) {
    /// No colours.
    public static final Style PLAIN = new Style(false);

    /// Colours are for terminals, unless `NO_COLOR` is set to anything or the terminal is a dumb one.
    static boolean isWanted(Map<String, String> environment, Console.Terminals terminals) {
        return terminals.out()
                && terminals.err()
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
    }

    public String bold(String text) {
        return wrap("1", text);
    }

    public String dim(String text) {
        return wrap("2", text);
    }

    public String green(String text) {
        return wrap("32", text);
    }

    public String yellow(String text) {
        return wrap("33", text);
    }

    public String red(String text) {
        return wrap("31", text);
    }

    public String cyan(String text) {
        return wrap("36", text);
    }

    private String wrap(String code, String text) {
        return enabled ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}
