package dev.millrace.cli.worker;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Logs;
import dev.millrace.cli.engines.EngineKinds;
import dev.millrace.core.time.NanoClock;
import dev.millrace.worker.process.WorkerHost;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `millrace worker`: runs one model for the server that started it, until that goes.
@Command(
        name = "worker",
        hidden = true,
        header = "Run one model for a server; started by the server itself.",
        description = {
            "",
            "Reads a secret from standard input, listens on SOCKET and prints 'listening'. Ends when standard input"
                    + " does.",
        })
public final class WorkerProgram implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerProgram.class);

    @Parameters(paramLabel = "SOCKET", description = "Path of the Unix domain socket to listen on.")
    private Path socket = Path.of("");

    private final Console console;

    public WorkerProgram(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        Logs.atLeast(console, Logs.Detail.NORMAL);
        Logs.forServer();
        EngineKinds kinds = new EngineKinds(
                notice -> LOG.info("{}", notice), NanoClock.SYSTEM, Clock.system(ZoneId.systemDefault()));
        try {
            WorkerHost.run(socket, console.in(), console.out(), kinds);
        } catch (IOException e) {
            throw new CommandFailedException(
                    ExitCode.FAILED, "the worker cannot run: " + e.getMessage(), "Start a server: millrace serve", e);
        }
        // Whatever native code may still be doing, the memory is to be free now.
        Runtime.getRuntime().halt(ExitCode.OK.number());
        return ExitCode.OK.number();
    }
}
