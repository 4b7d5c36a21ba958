package dev.millrace.cli.chat;

import dev.millrace.cli.client.PendingAnswer;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Interrupts;
import dev.millrace.cli.console.TerminalText;
import dev.millrace.cli.serve.OccasionalServer;
import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `millrace run`: one question, one answer on standard output and nothing else.
@Command(
        name = "run",
        header = "Ask one question; the answer goes to standard output.",
        description = {
            "",
            "What is piped in is put behind the prompt, so files can be asked about. Standard output holds the answer and"
                    + " nothing else; the exit status is 0 only for a complete answer.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace run 'What is Millrace?'",
            "  millrace run 'Say this in one line:' < CHANGELOG.md",
            "  millrace run --stats --max-tokens 20 hello > answer.txt",
        })
public final class RunCommand implements Callable<Integer> {
    private static final int MAX_PIPED_BYTES = 4 << 20;

    @Mixin
    private final AskOptions ask = new AskOptions();

    @Option(names = "--stats", description = "Tokens, tokens/s and time to the first token, on standard error.")
    private boolean stats;

    @Parameters(paramLabel = "PROMPT", arity = "0..*", description = "The question; several words are joined.")
    private List<String> words = List.of();

    private final Console console;
    private final OccasionalServer.Starter starter;
    private final URI usual;
    private final NanoClock clock;

    /// @param usual where a server is looked for when none is named
    public RunCommand(Console console, OccasionalServer.Starter starter, URI usual, NanoClock clock) {
        this.console = console;
        this.starter = starter;
        this.usual = usual;
        this.clock = clock;
    }

    @Override
    public Integer call() throws Exception {
        String prompt = prompt();
        try (ServerFinder.Found found = new ServerFinder(usual, starter).find(ask)) {
            Conversation conversation = new Conversation(found.model(), ask.system, ask.answerOptions());
            Outcome outcome;
            try (PendingAnswer pending = found.client().ask(conversation.question(prompt));
                    Interrupts interrupts = Interrupts.handle(signal -> pending.stop())) {
                outcome =
                        new AnswerReader(clock, this::show).read(found.client().base(), pending);
                if (interrupts.happened()) {
                    outcome = new Outcome.Stopped(outcome.text());
                }
            }
            return finish(outcome);
        }
    }

    private String prompt() throws IOException {
        String text = String.join(" ", words);
        if (!console.terminals().in()) {
            byte[] bytes = console.in().readNBytes(MAX_PIPED_BYTES + 1);
            if (bytes.length > MAX_PIPED_BYTES) {
                throw new CommandFailedException(
                        ExitCode.USAGE, "standard input: more than " + MAX_PIPED_BYTES + " bytes", "Pipe in less");
            }
            String piped = new String(bytes, StandardCharsets.UTF_8).strip();
            text = piped.isEmpty() ? text : text.isEmpty() ? piped : text + "\n\n" + piped;
        }
        if (text.isBlank()) {
            throw new CommandFailedException(
                    ExitCode.USAGE, "nothing to ask", "Give a prompt: millrace run 'What is Millrace?'");
        }
        return text;
    }

    private void show(String piece) {
        PrintStream out = console.out();
        out.print(console.terminals().out() ? TerminalText.safe(piece) : piece);
        out.flush();
    }

    private Integer finish(Outcome outcome) {
        if (!outcome.text().isEmpty() && !outcome.text().endsWith("\n")) {
            console.out().println();
        }
        return switch (outcome) {
            case Outcome.Complete complete -> {
                if (stats) {
                    console.err().println(console.style().dim(complete.stats().line()));
                }
                yield console.out().checkError() ? ExitCode.FAILED.number() : ExitCode.OK.number();
            }
            case Outcome.Stopped _ -> ExitCode.INTERRUPTED.number();
            case Outcome.Failed failed -> throw failed.failure();
        };
    }
}
