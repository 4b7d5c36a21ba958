package dev.millrace.cli.console;

/// What the process tells the shell. The numbers are a published contract: they are never reused for another
/// meaning.
public enum ExitCode {
    OK(0, "done; also a server that drained after SIGTERM or Ctrl-C"),
    FAILED(1, "it did not work: the reason and a remedy are on standard error"),
    USAGE(2, "the command line was not understood"),
    CONFIGURATION(3, "a setting is unknown, malformed or contradicts another"),
    UNREACHABLE(4, "no server answers there, or the port is taken"),
    MODEL(5, "the model or the llama.cpp libraries cannot be loaded"),
    INTERRUPTED(130, "stopped by Ctrl-C");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    /// The exit status, 0..255.
    public int number() {
        return number;
    }

    /// One line for the help text.
    public String meaning() {
        return meaning;
    }
}
