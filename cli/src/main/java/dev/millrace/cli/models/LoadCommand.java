package dev.millrace.cli.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.client.ModelView;
import dev.millrace.cli.client.ServerClient;
import dev.millrace.cli.client.ServerRefusedException;
import dev.millrace.cli.console.Amounts;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.ProgressLine;
import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `millrace load`: brings a model into the memory of the running server.
@Command(
        name = "load",
        header = "Load a model into the running server.",
        description = {
            "",
            "Shows how far it is, and ends when the model is ready. Others that nobody uses leave memory for it if"
                    + " need be. Ctrl-C stops watching; the load goes on.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace load qwen3-0.6b",
            "  millrace load qwen3-0.6b --keep-alive 2h",
            "  millrace load qwen3-0.6b --pin --no-wait",
        })
public final class LoadCommand implements Callable<Integer> {
    private static final double NANOS_PER_SECOND = 1e9;

    @Parameters(paramLabel = "NAME", description = "A model or alias, as millrace list shows it.")
    private String name = "";

    @Mixin
    private final ServerTalk server;

    @Option(
            names = "--keep-alive",
            paramLabel = "TIME",
            description = "How long it stays when nobody uses it: 30s, 10m, 2h; -1 for ever, 0 not at all"
                    + " (models.keep-alive).")
    private @Nullable String keepAlive;

    @Option(names = "--pin", description = "Never make room for others with it, until it is unloaded.")
    private boolean pin;

    @Option(names = "--no-wait", description = "Only ask for it.")
    private boolean noWait;

    @Option(names = "--json", description = "The model's state at the end, as one JSON object.")
    private boolean json;

    private final Console console;
    private final NanoClock clock;

    /// @param usual where the server is when none is named
    public LoadCommand(Console console, URI usual, NanoClock clock) {
        this.console = console;
        this.clock = clock;
        this.server = new ServerTalk(usual);
    }

    @Override
    public Integer call() throws InterruptedException {
        return server.talk(this::load);
    }

    private Integer load(ServerClient client) throws IOException, InterruptedException, ServerRefusedException {
        long startNanos = clock.nanoTime();
        ModelView before = client.modelView(name);
        client.load(name, keepAlive, pin);
        if (noWait) {
            return asked(client.modelView(name));
        }
        // The load was asked for before: the first state that is told belongs to it, never to an earlier one.
        ModelView after = Following.follow(client, console, before.name(), LoadCommand::isOnItsWay);
        if (after == null) {
            throw new CommandFailedException(
                    ExitCode.INTERRUPTED,
                    "stopped watching; " + before.name() + " goes on loading",
                    "millrace unload " + before.name() + " ends it");
        }
        double seconds = (clock.nanoTime() - startNanos) / NANOS_PER_SECOND;
        if (json) {
            ObjectNode object = ModelJson.of(after);
            console.out().print(ModelJson.text(object.put("seconds", Math.round(seconds * 1000) / 1000.0)));
        }
        return ended(before, after, seconds);
    }

    private Integer asked(ModelView model) {
        if (json) {
            console.out().print(ModelJson.text(ModelJson.of(model)));
        } else {
            console.out().println("Asked for " + model.name() + "; millrace ps shows how far it is.");
        }
        return ExitCode.OK.number();
    }

    private static boolean isOnItsWay(ModelView view, ProgressLine line) {
        // Without the name, which may be longer than the terminal is wide.
        switch (view.value()) {
            case "loading" -> line.at(LoadWords.phase(view), view.progress());
            case "unloading" -> line.show("leaving first; requests on it: " + view.requests());
            default -> {
                return false;
            }
        }
        return true;
    }

    private Integer ended(ModelView before, ModelView after, double seconds) {
        if (!after.reason().isEmpty() && !after.value().equals("loaded")) {
            throw new CommandFailedException(
                    ExitCode.MODEL,
                    after.name() + " was not loaded: " + after.reason(),
                    "millrace show " + after.name() + " tells more about it, and the server's log about the attempt");
        }
        if (!after.value().equals("loaded") && !"0".equals(keepAlive)) {
            throw new CommandFailedException(
                    ExitCode.FAILED,
                    after.name() + " was taken out again before it was ready",
                    "Somebody else unloaded it; load it again");
        }
        if (!json) {
            console.out().println(told(before, after, seconds));
        }
        return ExitCode.OK.number();
    }

    private static String told(ModelView before, ModelView after, double seconds) {
        if (!after.value().equals("loaded")) {
            return after.name() + " was loaded, and leaves again at once.";
        }
        String memory = LoadWords.memory(after);
        Duration stays = after.expiresIn();
        return after.name()
                + (before.value().equals("loaded")
                        ? " is in memory already"
                        : String.format(Locale.ROOT, " is ready in %.1f s", seconds))
                + (memory.isEmpty() ? "" : ", " + memory)
                + (after.isPinned() ? ", pinned" : "")
                + (stays == null ? "." : "; it leaves after " + Amounts.duration(stays) + " without a request.");
    }
}
