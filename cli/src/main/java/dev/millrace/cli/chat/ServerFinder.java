package dev.millrace.cli.chat;

import dev.millrace.cli.client.ServerClient;
import dev.millrace.cli.client.ServerRefusedException;
import dev.millrace.cli.client.ServerState;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.serve.OccasionalServer;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides whom to talk to: the server that was named, one that runs here, or one started for the occasion.
final class ServerFinder {
    private final URI usual;
    private final OccasionalServer.Starter starter;

    /// @param usual where a server is looked for when none was named
    ServerFinder(URI usual, OccasionalServer.Starter starter) {
        this.usual = usual;
        this.starter = starter;
    }

    /// Finds a server and a model on it.
    ///
    /// @throws CommandFailedException if there is none and none can be started
    Found find(AskOptions options) throws InterruptedException {
        URI named = options.url;
        if (named != null) {
            return named(named, options.model);
        }
        ServerClient client = new ServerClient(usual);
        if (client.state() instanceof ServerState.Ready && serves(client, options.model)) {
            return new Found(client, model(client, options.model), null);
        }
        client.close();
        OccasionalServer server = starter.start(options.model);
        ServerClient own = new ServerClient(server.address());
        return new Found(own, model(own, null), server);
    }

    private static Found named(URI url, @Nullable String model) throws InterruptedException {
        checkAddress(url);
        ServerClient client = new ServerClient(url);
        return switch (client.state()) {
            case ServerState.Ready _ -> new Found(client, model(client, model), null);
            // Another server of the same dialect will do: what counts is whether it lists a model.
            case ServerState.Stranger _ -> new Found(client, model(client, model), null);
            case ServerState.NotReady notReady ->
                throw Explain.unreachable(url, "it is not ready: " + notReady.detail());
            case ServerState.Silent silent -> throw Explain.unreachable(url, silent.reason());
        };
    }

    private static void checkAddress(URI url) {
        if (url.getHost() == null || !List.of("http", "https").contains(String.valueOf(url.getScheme()))) {
            throw new CommandFailedException(
                    ExitCode.USAGE, "--url " + url + " is not an address", "Give one like --url http://127.0.0.1:8000");
        }
    }

    private static boolean serves(ServerClient client, @Nullable String model) throws InterruptedException {
        try {
            return model == null || client.models().contains(model);
        } catch (IOException | ServerRefusedException e) {
            return false;
        }
    }

    private static String model(ServerClient client, @Nullable String wanted) throws InterruptedException {
        if (wanted != null) {
            return wanted;
        }
        try {
            List<String> names = client.models();
            if (names.isEmpty()) {
                throw Explain.unreachable(client.base(), "it has no model");
            }
            return names.getFirst();
        } catch (IOException e) {
            throw Explain.unreachable(client.base(), String.valueOf(e.getMessage()));
        } catch (ServerRefusedException e) {
            throw Explain.refused(e);
        }
    }

    /// Someone to talk to.
    ///
    /// @param own the server that was started for the occasion
    record Found(
            ServerClient client, String model, @Nullable OccasionalServer own) implements AutoCloseable {
        @Override
        public void close() {
            client.close();
            if (own != null) {
                own.close();
            }
        }
    }
}
