package dev.millrace.cli.models;

import dev.millrace.cli.client.ServerClient;
import dev.millrace.cli.client.ServerRefusedException;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The running server that a command is about, and what to say when it does not answer. *Confined to one thread.*
final class ServerTalk {
    @Option(names = "--url", paramLabel = "URL", description = "Server to talk to; without it the one on port 8000.")
    private @Nullable URI url;

    private final URI usual;

    /// @param usual where the server is when none is named
    ServerTalk(URI usual) {
        this.usual = usual;
    }

    /// What is to be done with the server.
    @FunctionalInterface
    interface Talk<T> {
        T with(ServerClient client) throws IOException, InterruptedException, ServerRefusedException;
    }

    /// Does it.
    ///
    /// @throws CommandFailedException if there is no server or it refuses
    <T> T talk(Talk<T> talk) throws InterruptedException {
        URI address = address();
        try (ServerClient client = new ServerClient(address)) {
            return talk.with(client);
        } catch (IOException e) {
            throw new CommandFailedException(
                    ExitCode.UNREACHABLE,
                    "no Millrace server at " + address + ": " + e.getMessage(),
                    "Start one with millrace serve, or name where it is with --url",
                    e);
        } catch (ServerRefusedException e) {
            throw refused(e);
        }
    }

    URI address() {
        URI address = url == null ? usual : url;
        if (address.getHost() == null || !List.of("http", "https").contains(String.valueOf(address.getScheme()))) {
            throw new CommandFailedException(
                    ExitCode.USAGE,
                    "--url " + address + " is not an address",
                    "Give one like --url http://127.0.0.1:8000");
        }
        return address;
    }

    private static CommandFailedException refused(ServerRefusedException e) {
        return switch (e.code()) {
            case "model_not_found" ->
                new CommandFailedException(
                        ExitCode.MODEL,
                        "the server has no such model",
                        "millrace list shows which there are; a server that was started with --model FILE has that one",
                        e);
            case "not_found" ->
                new CommandFailedException(
                        ExitCode.FAILED, "that server does not manage models", "Is it a Millrace of this version?", e);
            default ->
                new CommandFailedException(
                        e.status() == 400 ? ExitCode.USAGE : ExitCode.FAILED,
                        String.valueOf(e.getMessage()),
                        e.status() == 400 ? "--help tells what there is" : "The server's log says more",
                        e);
        };
    }
}
