package dev.millrace.cli.chat;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jline.reader.Candidate;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReader.Option;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.ArgumentCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/// Lines from the terminal, with editing, a history and completion of the slash commands.
final class JLineInput implements LineInput {
    private static final String[] COMMANDS = {"/help", "/model", "/system", "/clear", "/exit"};
    private static final int MAX_HISTORY = 1000;

    private final Terminal terminal;
    private final LineReader reader;
    private volatile @Nullable Runnable onInterrupt;

    /// @param history file that remembers lines between conversations; made when needed
    JLineInput(Path history) throws IOException {
        terminal = TerminalBuilder.builder().system(true).nativeSignals(true).build();
        terminal.handle(Signal.INT, signal -> interrupted());
        reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .appName("millrace")
                .parser(new WholeLines())
                .completer((r, line, candidates) -> {
                    if (line.line().startsWith("/")) {
                        for (String command : COMMANDS) {
                            candidates.add(new Candidate(command));
                        }
                    }
                })
                .option(Option.DISABLE_EVENT_EXPANSION, true)
                .option(Option.HISTORY_IGNORE_DUPS, true)
                .variable(LineReader.HISTORY_FILE, history)
                .variable(LineReader.HISTORY_SIZE, MAX_HISTORY)
                .variable(LineReader.HISTORY_FILE_SIZE, MAX_HISTORY)
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, "… ")
                .build();
    }

    /// Where the conversation is written.
    PrintWriter writer() {
        return terminal.writer();
    }

    private void interrupted() {
        Runnable action = onInterrupt;
        if (action != null) {
            action.run();
        }
    }

    @Override
    public @Nullable String readLine(String prompt) throws LineInterruptedException {
        try {
            return reader.readLine(prompt).replace("\\\n", "\n");
        } catch (UserInterruptException e) {
            throw new LineInterruptedException();
        } catch (EndOfFileException e) {
            return null;
        }
    }

    @Override
    public void onInterrupt(@Nullable Runnable action) {
        onInterrupt = action;
    }

    @Override
    public int columns() {
        return terminal.getColumns();
    }

    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            // Leaving anyway; there is nothing to restore a terminal with but the terminal.
            onInterrupt = null;
        }
    }

    /// Takes a line as it is: no quotes, no escapes, only a trailing backslash asks for another line.
    private static final class WholeLines implements Parser {
        @Override
        public ParsedLine parse(String line, int cursor, ParseContext context) {
            if (context == ParseContext.ACCEPT_LINE && line.endsWith("\\")) {
                throw new EOFError(-1, -1, "the line goes on");
            }
            return new ArgumentCompleter.ArgumentLine(line, cursor);
        }
    }
}
