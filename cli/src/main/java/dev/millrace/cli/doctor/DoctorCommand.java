package dev.millrace.cli.doctor;

import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `millrace doctor`: says what is right and wrong with this machine.
@Command(
        name = "doctor",
        header = "Say what is right and wrong with this machine.",
        description = {
            "",
            "One line per check: ✓ as it should be, ! works with less, ✗ stands in the way; each with its remedy.",
            "Downloads nothing. Exits with 1 if something stands in the way.",
        },
        footer = {"", "@|bold Examples:|@", "  millrace doctor", "  millrace doctor --json | jq .ok"})
public final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--json", description = "The same as one JSON object.")
    private boolean json;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8000",
            description = "Port to look at (${DEFAULT-VALUE}).")
    private int port;

    private final Console console;
    private final Path dataDirectory;
    private final Path demoModel;

    public DoctorCommand(Console console, Path dataDirectory, Path demoModel) {
        this.console = console;
        this.dataDirectory = dataDirectory;
        this.demoModel = demoModel;
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Diagnosis> found =
                new ArrayList<>(new MachineChecks(console.environment(), Path.of("/proc")).all(dataDirectory));
        found.add(ServerChecks.demoModel(demoModel));
        found.add(ServerChecks.port(URI.create("http://127.0.0.1:" + port)));
        Report report = new Report(found);
        console.out().print(json ? report.json() + "\n" : report.text(console.style()));
        return (report.isGood() ? ExitCode.OK : ExitCode.FAILED).number();
    }
}
