package dev.millrace.cli.chat;

import dev.millrace.cli.chat.LineInput.LineInterruptedException;
import dev.millrace.cli.client.PendingAnswer;
import dev.millrace.cli.client.ServerClient;
import dev.millrace.cli.client.ServerRefusedException;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Style;
import dev.millrace.cli.console.TerminalText;
import dev.millrace.cli.console.WordWrap;
import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A conversation in the terminal: reads a line, shows the answer as it arrives, until the line input ends.
/// *Confined to one thread*, except that Ctrl-C closes a running answer from its own.
final class ChatLoop {
    private static final String HELP = """
            /help           this list
            /model [NAME]   which model answers; with a name, change it
            /system [TEXT]  instructions for the model; with a text, change them; - removes them
            /clear          forget what was said
            /exit           leave (so does Ctrl-D)

            A line that ends with \\ goes on in the next. Ctrl-C stops an answer.""";

    private final ServerClient server;
    private final Conversation conversation;
    private final LineInput input;
    private final PrintWriter out;
    private final Style style;
    private final NanoClock clock;

    ChatLoop(
            ServerClient server,
            Conversation conversation,
            LineInput input,
            PrintWriter out,
            Style style,
            NanoClock clock) {
        this.server = server;
        this.conversation = conversation;
        this.input = input;
        this.out = out;
        this.style = style;
        this.clock = clock;
    }

    /// Runs until there are no more lines or `/exit`.
    ///
    /// @param first a question to begin with
    void run(@Nullable String first) throws InterruptedException {
        if (first != null) {
            out.println(style.cyan("› ") + TerminalText.safe(first));
            ask(first);
        }
        boolean goesOn = true;
        while (goesOn) {
            try {
                String line = input.readLine(style.cyan("› "));
                goesOn = line != null && take(line.strip());
            } catch (LineInterruptedException e) {
                out.println(style.dim("Ctrl-D or /exit leaves."));
            }
            out.flush();
        }
    }

    private boolean take(String line) throws InterruptedException {
        if (line.isEmpty()) {
            return true;
        }
        if (!line.startsWith("/")) {
            ask(line);
            return true;
        }
        String[] words = line.split("\\s+", 2);
        String argument = words.length > 1 ? words[1] : "";
        switch (words[0]) {
            case "/exit", "/quit", "/bye" -> {
                return false;
            }
            case "/help", "/?" -> out.println(HELP);
            case "/clear" -> {
                conversation.clear();
                out.println(style.dim("Forgotten."));
            }
            case "/model" -> model(argument);
            case "/system" -> system(argument);
            default ->
                out.println(
                        style.yellow("No such command: " + TerminalText.safeLine(words[0])) + ". /help lists them.");
        }
        return true;
    }

    private void model(String name) throws InterruptedException {
        try {
            List<String> names = server.models();
            if (name.isEmpty()) {
                for (String n : names) {
                    out.println((n.equals(conversation.model()) ? "* " : "  ") + TerminalText.safeLine(n));
                }
            } else if (names.contains(name)) {
                conversation.useModel(name);
                out.println(style.dim("Now asking " + name + "."));
            } else {
                out.println(style.yellow("No such model here.") + " /model lists them.");
            }
        } catch (IOException e) {
            show(Explain.lost(server.base(), e));
        } catch (ServerRefusedException e) {
            show(Explain.refused(e));
        }
    }

    private void system(String text) {
        switch (text) {
            case "" -> {
                String now = conversation.system();
                out.println(style.dim(now == null ? "No instructions." : TerminalText.safe(now)));
            }
            case "-" -> {
                conversation.useSystem(null);
                out.println(style.dim("Instructions removed."));
            }
            default -> {
                conversation.useSystem(text);
                out.println(style.dim("Instructions changed."));
            }
        }
    }

    private void ask(String question) throws InterruptedException {
        Outcome outcome;
        try (PendingAnswer pending = server.ask(conversation.question(question))) {
            input.onInterrupt(pending::stop);
            WordWrap wrap = new WordWrap(input.columns(), out::print);
            outcome = new AnswerReader(clock, piece -> showPiece(wrap, piece)).read(server.base(), pending);
            wrap.flush();
        } finally {
            input.onInterrupt(null);
        }
        conversation.remember(question, outcome.text());
        switch (outcome) {
            case Outcome.Complete complete -> {
                String note = complete.reason().equals("length") ? " · cut at the length limit" : "";
                endAnswer(complete.text(), style.dim(complete.stats().line() + note));
            }
            case Outcome.Stopped stopped -> endAnswer(stopped.text(), style.dim("stopped"));
            case Outcome.Failed failed -> {
                if (!failed.text().isEmpty()) {
                    out.println();
                }
                show(failed.failure());
            }
        }
        out.println();
        out.flush();
    }

    private void showPiece(WordWrap wrap, String piece) {
        wrap.accept(TerminalText.safe(piece));
        out.flush();
    }

    private void endAnswer(String text, String note) {
        if (!text.isEmpty() && !text.endsWith("\n")) {
            out.println();
        }
        out.println(note);
    }

    private void show(CommandFailedException failure) {
        out.println(style.red(TerminalText.safe(String.valueOf(failure.getMessage()))));
        out.println(style.dim(TerminalText.safe(failure.remedy())));
    }
}
