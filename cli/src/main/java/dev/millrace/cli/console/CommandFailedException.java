package dev.millrace.cli.console;

import org.jspecify.annotations.Nullable;

/// A command ends without having done its work, for a reason that a person can do something about.
public final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;
    private final String remedy;

    /// @param message what went wrong, in plain words, without a full stop
    /// @param remedy what to do about it
    public CommandFailedException(ExitCode exitCode, String message, String remedy) {
        this(exitCode, message, remedy, null);
    }

    /// The same, with the cause for `--verbose`.
    public CommandFailedException(ExitCode exitCode, String message, String remedy, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.remedy = remedy;
    }

    /// What the shell is told.
    public ExitCode exitCode() {
        return exitCode;
    }

    /// What to do about it.
    public String remedy() {
        return remedy;
    }
}
