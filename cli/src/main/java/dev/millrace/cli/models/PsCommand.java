package dev.millrace.cli.models;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.client.ModelView;
import dev.millrace.cli.client.ServerClient;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.TerminalText;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `millrace ps`: the models in the memory of the running server.
@Command(
        name = "ps",
        header = "Show which models the running server has in memory.",
        description = {
            "",
            "Also those on their way in or out, and those whose last load failed.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace ps",
            "  millrace ps --json | jq -r '.models[] | select(.value == \"loaded\").name'",
        })
public final class PsCommand implements Callable<Integer> {
    @Mixin
    private final ServerTalk server;

    @Option(names = "--json", description = "The same as one JSON object.")
    private boolean json;

    private final Console console;

    /// @param usual where the server is when none is named
    public PsCommand(Console console, URI usual) {
        this.console = console;
        this.server = new ServerTalk(usual);
    }

    @Override
    public Integer call() throws InterruptedException {
        List<ModelView> models = server.talk(ServerClient::modelViews).stream()
                .filter(PsCommand::isOfInterest)
                .toList();
        if (json) {
            ObjectNode root = ModelJson.object().put("server", server.address().toString());
            ArrayNode list = root.putArray("models");
            models.forEach(model -> list.add(ModelJson.of(model)));
            console.out().print(ModelJson.text(root));
        } else if (models.isEmpty()) {
            console.out().println("No model is in memory. The first request for one loads it, as does millrace load.");
        } else {
            console.out().print(table(models));
        }
        return ExitCode.OK.number();
    }

    private static boolean isOfInterest(ModelView model) {
        return !model.value().equals("unloaded") || !model.reason().isEmpty();
    }

    private String table(List<ModelView> models) {
        Table table = new Table("NAME", "STATE", "MEMORY", "REQUESTS", "WAITING", "LEAVES IN");
        for (ModelView model : models) {
            table.add(
                    model.name(),
                    LoadWords.state(model),
                    LoadWords.memory(model),
                    Integer.toString(model.requests()),
                    Integer.toString(model.waiting()),
                    LoadWords.leaving(model));
            if (!model.reason().isEmpty()) {
                table.note(console.style().yellow("! ") + TerminalText.safeLine(model.reason()));
            }
        }
        return table.text(console.style());
    }
}
