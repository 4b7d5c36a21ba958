package dev.millrace.cli.chat;

import dev.millrace.cli.client.ServerRefusedException;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import java.io.IOException;
import java.net.URI;

/// Puts what a server said into words with a remedy.
final class Explain {
    private Explain() {}

    /// The server answered with an error.
    static CommandFailedException refused(ServerRefusedException e) {
        return new CommandFailedException(ExitCode.FAILED, String.valueOf(e.getMessage()), remedy(e), e);
    }

    private static String remedy(ServerRefusedException e) {
        return switch (e.code()) {
            case "model_not_found" -> "Leave -m away to use the server's model, or see its list: GET /v1/models";
            case "context_length_exceeded" -> "Ask something shorter, or start anew with /clear";
            case "queue_full", "queue_timeout", "first_token_timeout" -> "The server is busy: try again in a moment";
            case "model_loading" -> "The model is still loading: try again in a moment";
            case "server_shutdown", "engine_lost" -> "The server is going away: start it again with millrace serve";
            default ->
                e.status() >= 500 || e.status() == 0
                        ? "The server's log says more"
                        : "Change the question or the options, then try again";
        };
    }

    /// The connection did not hold.
    static CommandFailedException lost(URI server, IOException e) {
        return new CommandFailedException(
                ExitCode.UNREACHABLE,
                "lost the server at " + server + ": " + e.getMessage(),
                "See whether it still runs: millrace doctor",
                e);
    }

    /// Nothing usable at an address that was asked for.
    static CommandFailedException unreachable(URI server, String reason) {
        return new CommandFailedException(
                ExitCode.UNREACHABLE,
                "no Millrace server at " + server + ": " + reason,
                "Start one with millrace serve, or leave --url away to have one started for the occasion");
    }
}
