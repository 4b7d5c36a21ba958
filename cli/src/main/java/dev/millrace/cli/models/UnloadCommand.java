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
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `millrace unload`: takes a model out of the memory of the running server.
@Command(
        name = "unload",
        header = "Take a model out of the running server's memory.",
        description = {
            "",
            "Requests that run on it end first; new ones wait or load it again. Ends a load that is on its way. The"
                    + " model stays on the disk: millrace rm removes it.",
        },
        footer = {
            "",
            "@|bold Example:|@",
            "  millrace unload qwen3-0.6b",
        })
public final class UnloadCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "A model or alias, as millrace ps shows it.")
    private String name = "";

    @Mixin
    private final ServerTalk server;

    @Option(names = "--json", description = "What became of it, as one JSON object.")
    private boolean json;

    private final Console console;

    /// @param usual where the server is when none is named
    public UnloadCommand(Console console, URI usual) {
        this.console = console;
        this.server = new ServerTalk(usual);
    }

    @Override
    public Integer call() throws InterruptedException {
        return server.talk(this::unload);
    }

    private Integer unload(ServerClient client) throws IOException, InterruptedException, ServerRefusedException {
        ModelView before = client.modelView(name);
        client.unload(name);
        ModelView after = Following.follow(client, console, before.name(), UnloadCommand::isLeaving);
        if (after == null) {
            throw new CommandFailedException(
                    ExitCode.INTERRUPTED,
                    "stopped watching; " + before.name() + " leaves when its requests have ended",
                    "millrace ps shows whether it is still there");
        }
        long freed = isIn(before) ? before.memoryBytes() : 0;
        if (json) {
            ObjectNode object = ModelJson.of(after);
            console.out().print(ModelJson.text(object.put("freed_bytes", freed)));
        } else {
            console.out().println(told(before, freed));
        }
        return ExitCode.OK.number();
    }

    private static boolean isIn(ModelView model) {
        return model.value().equals("loaded") || model.value().equals("unloading");
    }

    private static String told(ModelView before, long freed) {
        if (isIn(before)) {
            return before.name() + " left memory" + (freed == 0 ? "." : ", " + Amounts.size(freed) + " came back.");
        }
        return before.name()
                + (before.value().equals("loading") ? " is not loaded any further." : " is not in memory.");
    }

    /// One that is loaded again is back, because somebody asked for it.
    private static boolean isLeaving(ModelView view, ProgressLine line) {
        boolean leaving = view.value().equals("unloading");
        if (leaving) {
            line.show(view.requests() == 0 ? "leaving" : "leaves after the requests on it: " + view.requests());
        }
        return leaving;
    }
}
