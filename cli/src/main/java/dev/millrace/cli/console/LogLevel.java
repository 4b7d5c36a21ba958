package dev.millrace.cli.console;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/// How much is logged. A choice in the environment (`MILLRACE_LOG`) always wins.
public enum LogLevel {
    /// Only what is wrong: for commands whose work is not serving.
    QUIET,
    /// One line per request.
    NORMAL,
    /// Everything of ours.
    VERBOSE;

    /// Makes this the level of the process.
    public void apply(Console console) {
        if (console.environment().getOrDefault("MILLRACE_LOG", "").isEmpty()
                && LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.setLevel(level());
        }
    }

    private Level level() {
        return switch (this) {
            case QUIET -> Level.ERROR;
            case NORMAL -> Level.INFO;
            case VERBOSE -> Level.DEBUG;
        };
    }
}
