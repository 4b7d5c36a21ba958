package dev.millrace.cli.chat;

import dev.millrace.cli.console.CommandFailedException;

/// How an answer ended, from where its reader sits.
sealed interface Outcome {
    /// What arrived, possibly only a part.
    String text();

    /// It ended by itself.
    ///
    /// @param reason `stop` or `length`
    record Complete(String text, String reason, Stats stats) implements Outcome {}

    /// The reader stopped it.
    record Stopped(String text) implements Outcome {}

    /// It broke off.
    record Failed(String text, CommandFailedException failure) implements Outcome {}
}
