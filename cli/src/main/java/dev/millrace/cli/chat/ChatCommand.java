package dev.millrace.cli.chat;

import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.serve.OccasionalServer;
import dev.millrace.core.time.NanoClock;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `millrace chat`: a conversation in the terminal.
@Command(
        name = "chat",
        header = "Chat with a model in the terminal.",
        description = {
            "",
            "Answers stream as they are made. Ctrl-C stops an answer, Ctrl-D leaves. /help lists what else there is.",
            "Without a terminal on standard input, each line that is piped in is a question.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace chat",
            "  millrace chat 'How do I serve my own model?'",
            "  millrace chat -m ./some-model.gguf --system 'You answer in rhymes.'",
            "  millrace chat --url http://127.0.0.1:9000",
        })
public final class ChatCommand implements Callable<Integer> {
    @Mixin
    private final AskOptions ask = new AskOptions();

    @Parameters(paramLabel = "PROMPT", arity = "0..*", description = "A first question; several words are joined.")
    private List<String> words = List.of();

    private final Console console;
    private final OccasionalServer.Starter starter;
    private final URI usual;
    private final Path history;
    private final NanoClock clock;

    /// @param usual where a server is looked for when none is named
    /// @param history file with the lines of earlier conversations
    public ChatCommand(Console console, OccasionalServer.Starter starter, URI usual, Path history, NanoClock clock) {
        this.console = console;
        this.starter = starter;
        this.usual = usual;
        this.history = history;
        this.clock = clock;
    }

    @Override
    public Integer call() throws Exception {
        try (ServerFinder.Found found = new ServerFinder(usual, starter).find(ask);
                LineInput input = input()) {
            Conversation conversation = new Conversation(found.model(), ask.system, ask.answerOptions());
            PrintWriter out = writer(input);
            banner(out, found);
            @Nullable String first = words.isEmpty() ? null : String.join(" ", words);
            new ChatLoop(found.client(), conversation, input, out, console.style(), clock).run(first);
            out.flush();
        }
        return ExitCode.OK.number();
    }

    private LineInput input() throws Exception {
        if (!console.terminals().in() || !console.terminals().out()) {
            return new PipedInput(console.in());
        }
        Path folder = history.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        return new JLineInput(history);
    }

    private PrintWriter writer(LineInput input) {
        return input instanceof JLineInput terminal
                ? terminal.writer()
                : new PrintWriter(console.out(), true, StandardCharsets.UTF_8);
    }

    private void banner(PrintWriter out, ServerFinder.Found found) {
        if (console.terminals().in() && console.terminals().out()) {
            String where = found.own() == null ? found.client().base().toString() : "started for this chat";
            out.println(console.style().bold(found.model())
                    + console.style()
                            .dim(" · " + where + " · /help lists commands, Ctrl-C stops an answer, Ctrl-D leaves"));
            out.println();
        }
    }
}
