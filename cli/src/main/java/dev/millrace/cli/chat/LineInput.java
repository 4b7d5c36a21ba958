package dev.millrace.cli.chat;

import org.jspecify.annotations.Nullable;

/// Where a conversation's lines come from, and how a running answer is interrupted.
interface LineInput extends AutoCloseable {
    /// The next line or block of lines; `null` when there are no more.
    ///
    /// @throws LineInterruptedException if the line was given up by Ctrl-C
    @Nullable
    String readLine(String prompt) throws LineInterruptedException;

    /// From now on, Ctrl-C runs `action`; `null` for nothing.
    void onInterrupt(@Nullable Runnable action);

    /// Columns of the terminal; 0 if there is none.
    int columns();

    @Override
    void close();

    /// Ctrl-C while a line was written.
    final class LineInterruptedException extends Exception {
        private static final long serialVersionUID = 1L;
    }
}
