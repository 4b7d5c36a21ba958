package dev.millrace.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `millrace` command.
@Command(
        name = "millrace",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Runs, serves and measures language models.")
public final class Millrace implements Callable<Integer> {
    /// Runs one command and ends the process with its [ExitCode].
    public static void main(String[] args) {
        System.exit(new CommandLine(new Millrace()).execute(args));
    }

    @Override
    public Integer call() {
        CommandLine.usage(this, System.out);
        return ExitCode.USAGE.number();
    }
}
