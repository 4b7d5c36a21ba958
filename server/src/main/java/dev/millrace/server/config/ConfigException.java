package dev.millrace.server.config;

import java.util.List;

/// The configuration is not usable; every problem that was found is named, each with its place and what is
/// expected.
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    ConfigException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = List.copyOf(problems);
    }

    /// One line per problem.
    public List<String> problems() {
        return problems;
    }
}
