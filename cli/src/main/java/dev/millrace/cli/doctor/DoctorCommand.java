package dev.millrace.cli.doctor;

import dev.millrace.cli.config.ConfigOptions;
import dev.millrace.cli.config.EffectiveConfig;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.engines.Engines;
import dev.millrace.server.config.MillraceConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace doctor",
            "  millrace doctor --json | jq .ok",
            "  millrace doctor --port 9000"
        })
public final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--json", description = "The same as one JSON object.")
    private boolean json;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    private final Console console;
    private final Places places;

    public DoctorCommand(Console console, Places places) {
        this.console = console;
        this.places = places;
    }

    @Override
    public Integer call() throws InterruptedException {
        MillraceConfig config =
                EffectiveConfig.load(console, options.file(), options.flags()).config();
        List<Diagnosis> found =
                new ArrayList<>(new MachineChecks(console.environment(), Path.of("/proc")).all(config.dataDirectory()));
        found.addAll(LibraryChecks.all(Engines.natives(config)));
        found.add(ServerChecks.demoModel(places.demoModel()));
        found.add(ServerChecks.port(
                URI.create("http://127.0.0.1:" + config.server().port())));
        Report report = new Report(found);
        console.out().print(json ? report.json() + "\n" : report.text(console.style()));
        return (report.isGood() ? ExitCode.OK : ExitCode.FAILED).number();
    }
}
