package dev.millrace.cli.config;

import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `millrace config`: the settings that are in force and where each comes from.
@Command(
        name = "config",
        header = "Print the effective configuration.",
        description = {
            "",
            "The output is a configuration file: each value with the place it comes from. Settings are read from a YAML"
                    + " file, then MILLRACE_* variables, then flags; later ones win. Unknown keys are refused.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace config",
            "  millrace config --set limits.in-flight=32 > millrace.yaml",
            "  millrace config --config millrace.yaml",
        })
public final class ConfigCommand implements Callable<Integer> {
    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    private final Console console;

    public ConfigCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        console.out()
                .print(EffectiveConfig.load(console, options.file(), options.flags())
                        .render());
        return ExitCode.OK.number();
    }
}
