package dev.millrace.cli;

import dev.millrace.cli.chat.ChatCommand;
import dev.millrace.cli.chat.RunCommand;
import dev.millrace.cli.config.ConfigCommand;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Failures;
import dev.millrace.cli.console.Logs;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.console.Version;
import dev.millrace.cli.doctor.DoctorCommand;
import dev.millrace.cli.models.AliasCommand;
import dev.millrace.cli.models.ImportCommand;
import dev.millrace.cli.models.ListCommand;
import dev.millrace.cli.models.LoadCommand;
import dev.millrace.cli.models.PsCommand;
import dev.millrace.cli.models.RemoveCommand;
import dev.millrace.cli.models.ShowCommand;
import dev.millrace.cli.models.UnloadCommand;
import dev.millrace.cli.pull.PullCommand;
import dev.millrace.cli.serve.LocalStarter;
import dev.millrace.cli.serve.OccasionalServer;
import dev.millrace.cli.serve.RehearseCommand;
import dev.millrace.cli.serve.ServeCommand;
import dev.millrace.cli.worker.WorkerProgram;
import dev.millrace.core.time.NanoClock;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/// The `millrace` command.
@Command(
        name = "millrace",
        versionProvider = Version.class,
        header = {"Runs, serves and measures language models.", ""},
        synopsisHeading = "@|bold Usage:|@ ",
        customSynopsis = "millrace COMMAND [OPTIONS]",
        commandListHeading = "%n@|bold Commands:|@%n",
        optionListHeading = "%n@|bold Options:|@%n",
        exitCodeListHeading = "%n@|bold Exit status:|@%n",
        footerHeading = "%n@|bold Examples:|@%n",
        footer = {
            "  millrace serve                          a server with the built-in demo model on 127.0.0.1:8000",
            "  millrace serve --model ./some.gguf      the same with a model of your own",
            "  millrace chat                           talk to it, or to one started for the occasion",
            "  millrace run 'What is Millrace?' | cat  one answer, for scripts",
            "  millrace pull org/repo                  a model from the hub",
            "  millrace doctor                         what is right and wrong with this machine",
            "",
            "millrace COMMAND --help tells more about each command.",
        })
@SuppressWarnings("UnusedVariable") // picocli reads these; --no-color is looked at before
public final class Millrace implements Callable<Integer> {
    private static final int HELP_WIDTH = 100;
    private static final int LONG_OPTION_WIDTH = 30;
    private static final URI USUAL_ADDRESS = URI.create("http://127.0.0.1:8000");

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "This help.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Version of Millrace and of Java.")
    private boolean version;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log more, and show where failures come from.")
    private boolean verbose;

    @Option(
            names = "--no-color",
            scope = ScopeType.INHERIT,
            description = "No colours; NO_COLOR in the environment does the same.")
    private boolean noColour;

    private final Console console;

    Millrace(Console console) {
        this.console = console;
    }

    /// Runs one command and ends the process with its [ExitCode].
    public static void main(String[] args) {
        System.exit(execute(Console.ofThisProcess(), args));
    }

    /// Runs one command.
    static int execute(Console console, String... args) {
        boolean noColour = List.of(args).contains("--no-color");
        return commandLine(noColour ? console.withoutColour() : console).execute(args);
    }

    private static CommandLine commandLine(Console console) {
        Places places = Places.ofThisProcess(console.environment());
        OccasionalServer.Starter starter = new LocalStarter(console, places);
        Path history = places.dataDirectory().resolve("chat-history");
        Millrace root = new Millrace(console);
        CommandLine line = new CommandLine(root)
                .addSubcommand(new ServeCommand(console, places))
                .addSubcommand(new RehearseCommand(starter))
                .addSubcommand(new WorkerProgram(console, places))
                .addSubcommand(new ChatCommand(console, starter, USUAL_ADDRESS, history, NanoClock.SYSTEM))
                .addSubcommand(new RunCommand(console, starter, USUAL_ADDRESS, NanoClock.SYSTEM))
                .addSubcommand(new ListCommand(console, places))
                .addSubcommand(new ShowCommand(console, places))
                .addSubcommand(new ImportCommand(console, places))
                .addSubcommand(new AliasCommand(console, places))
                .addSubcommand(new RemoveCommand(console, places))
                .addSubcommand(new PullCommand(console, NanoClock.SYSTEM))
                .addSubcommand(new PsCommand(console, USUAL_ADDRESS))
                .addSubcommand(new LoadCommand(console, USUAL_ADDRESS, NanoClock.SYSTEM))
                .addSubcommand(new UnloadCommand(console, USUAL_ADDRESS))
                .addSubcommand(new ConfigCommand(console))
                .addSubcommand(new DoctorCommand(console, places));
        line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
        line.setUsageHelpWidth(HELP_WIDTH);
        line.setUsageHelpLongOptionsMaxWidth(LONG_OPTION_WIDTH);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(console.style().enabled() ? Ansi.ON : Ansi.OFF));
        line.setExecutionStrategy(parsed -> {
            if (root.verbose) {
                Logs.atLeast(console, Logs.Detail.VERBOSE);
            }
            return new CommandLine.RunLast().execute(parsed);
        });
        line.setExecutionExceptionHandler((e, command, parsed) -> root.failed(e));
        line.setParameterExceptionHandler((e, arguments) -> root.misunderstood(e));
        line.getSubcommands().values().forEach(Millrace::completeHelp);
        line.getCommandSpec().usageMessage().exitCodeList(exitCodes());
        showCommandsFirst(line);
        return line;
    }

    private static void showCommandsFirst(CommandLine line) {
        List<String> keys = new ArrayList<>(line.getHelpSectionKeys());
        List<String> commands =
                List.of(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, UsageMessageSpec.SECTION_KEY_COMMAND_LIST);
        keys.removeAll(commands);
        keys.addAll(keys.indexOf(UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING), commands);
        line.setHelpSectionKeys(keys);
    }

    private static void completeHelp(CommandLine command) {
        command.getCommandSpec()
                .usageMessage()
                .synopsisHeading("%n@|bold Usage:|@ ")
                .descriptionHeading("")
                .optionListHeading("%n@|bold Options:|@%n")
                .parameterListHeading("%n");
    }

    private static Map<String, String> exitCodes() {
        Map<String, String> codes = new LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(String.format(Locale.ROOT, "%3d", code.number()), code.meaning());
        }
        return codes;
    }

    private int failed(Exception e) {
        if (e instanceof CommandFailedException failure) {
            Failures.show(console, failure);
        } else if (e instanceof InterruptedException) {
            return ExitCode.INTERRUPTED.number();
        } else {
            Failures.show(
                    console,
                    new CommandFailedException(
                            ExitCode.FAILED,
                            "a fault in Millrace: " + e,
                            "Run it again with --verbose and report what it says"));
        }
        if (verbose) {
            e.printStackTrace(console.err());
        }
        return e instanceof CommandFailedException failure ? failure.exitCode().number() : ExitCode.FAILED.number();
    }

    private int misunderstood(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String word = e instanceof UnmatchedArgumentException unmatched
                ? unmatched.getUnmatched().getFirst()
                : "";
        String hint = Spelling.nearest(word, command.getSubcommands().keySet())
                .map(name -> "Did you mean " + name + "? ")
                .orElse("");
        Failures.show(
                console,
                new CommandFailedException(
                        ExitCode.USAGE,
                        String.valueOf(e.getMessage()),
                        hint + command.getCommandSpec().qualifiedName() + " --help tells what there is"));
        return ExitCode.USAGE.number();
    }

    @Override
    public Integer call() {
        CommandLine.usage(this, console.out());
        return ExitCode.USAGE.number();
    }
}
