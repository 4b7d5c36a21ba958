package dev.millrace.cli.worker;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Failures;
import dev.millrace.cli.console.Logs;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.engines.EngineKinds;
import dev.millrace.cli.engines.TimerDelays;
import dev.millrace.cli.engines.WorkerCores;
import dev.millrace.cli.engines.WorkerRehearsal;
import dev.millrace.core.time.NanoClock;
import dev.millrace.worker.process.WorkerHost;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
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

    @Parameters(paramLabel = "SOCKET", arity = "0..1", description = "Path of the Unix domain socket to listen on.")
    private Path socket = Path.of("");

    @Option(names = "--rehearse", description = "Practise the life of a worker, for the fast-start cache.")
    private boolean rehearse;

    private final Console console;
    private final Places places;

    public WorkerProgram(Console console, Places places) {
        this.console = console;
        this.places = places;
    }

    /// The program that a server and the launcher start: the same as the command, without anything else of Millrace on
    /// the class path and without reading options, which would be a third of a worker's start.
    ///
    /// @param args path of the socket, or `--rehearse`
    public static void main(String[] args) throws InterruptedException {
        Console console = Console.ofThisProcess();
        WorkerProgram program = new WorkerProgram(console, Places.ofThisProcess(console.environment()));
        String argument = args.length == 1 ? args[0] : "";
        program.rehearse = argument.equals("--rehearse");
        program.socket = Path.of(argument);
        int status;
        try {
            status = program.call();
        } catch (CommandFailedException e) {
            Failures.show(console, e);
            status = e.exitCode().number();
        }
        System.exit(status);
    }

    @Override
    public Integer call() throws InterruptedException {
        Logs.atLeast(console, Logs.Detail.NORMAL);
        Logs.forServer();
        if (rehearse) {
            return rehearse();
        }
        try {
            EngineKinds kinds = new EngineKinds(
                    notice -> LOG.info("{}", notice),
                    WorkerCores.of(socket),
                    new TimerDelays(),
                    NanoClock.SYSTEM,
                    Clock.system(ZoneId.systemDefault()));
            WorkerHost.run(socket, console.in(), console.out(), kinds);
        } catch (IOException e) {
            throw new CommandFailedException(
                    ExitCode.FAILED, "the worker cannot run: " + e.getMessage(), "Start a server: millrace serve", e);
        }
        // Whatever native code may still be doing, the memory is to be free now.
        Runtime.getRuntime().halt(ExitCode.OK.number());
        return ExitCode.OK.number();
    }

    private int rehearse() throws InterruptedException {
        try {
            WorkerRehearsal.run(places);
        } catch (IOException | ExecutionException e) {
            throw new CommandFailedException(
                    ExitCode.FAILED, "no worker to practise with: " + e.getMessage(), "See millrace doctor", e);
        }
        return ExitCode.OK.number();
    }
}
