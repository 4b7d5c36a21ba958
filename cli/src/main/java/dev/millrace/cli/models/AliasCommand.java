package dev.millrace.cli.models;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.CatalogueEntry;
import dev.millrace.models.catalogue.CatalogueRefusedException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `millrace alias`: gives models further names, or shows which they have.
@Command(
        name = "alias",
        header = "Give a model one more name.",
        description = {
            "",
            "A client that insists on a name can be served by any model that way. Without names, lists the aliases there"
                    + " are. A running server sees a new one at once. millrace rm takes an alias away; the model stays.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace alias gpt-4 qwen3-0.6b",
            "  millrace alias",
            "  millrace alias --json | jq -r '.aliases[].name'",
        })
public final class AliasCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "NAME MODEL",
            arity = "0..2",
            hideParamSyntax = true,
            description = "The new name, and the model or alias it shall stand for.")
    private List<String> names = List.of();

    @Option(names = "--json", description = "The aliases, or the new one, as one JSON object.")
    private boolean json;

    private final Console console;
    private final Places places;

    public AliasCommand(Console console, Places places) {
        this.console = console;
        this.places = places;
    }

    @Override
    public Integer call() {
        Catalogue catalogue = LocalModels.catalogue(places);
        switch (names.size()) {
            case 0 -> list(catalogue);
            case 2 -> give(catalogue, names.getFirst(), names.getLast());
            default ->
                throw new CommandFailedException(
                        ExitCode.USAGE,
                        "no model for the alias " + names.getFirst(),
                        "Name both: millrace alias " + names.getFirst() + " MODEL");
        }
        return ExitCode.OK.number();
    }

    private void list(Catalogue catalogue) {
        List<CatalogueEntry> entries = catalogue.entries();
        ObjectNode root = ModelJson.object();
        ArrayNode list = root.putArray("aliases");
        Table table = new Table("ALIAS", "MODEL");
        for (CatalogueEntry entry : entries) {
            for (String alias : entry.aliases()) {
                list.add(object(alias, entry.id().value()));
                table.add(alias, entry.id().value());
            }
        }
        if (json) {
            console.out().print(ModelJson.text(root));
        } else if (list.isEmpty()) {
            console.out().println("No model has an alias. millrace alias NAME MODEL gives it one.");
        } else {
            console.out().print(table.text(console.style()));
        }
    }

    private static ObjectNode object(String alias, String model) {
        return ModelJson.object().put("name", alias).put("model", model);
    }

    private void give(Catalogue catalogue, String alias, String name) {
        String model = LocalModels.find(catalogue, name).id().value();
        try {
            catalogue.alias(alias, model);
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(ExitCode.USAGE, String.valueOf(e.getMessage()), "Choose another name", e);
        } catch (CatalogueRefusedException e) {
            throw new CommandFailedException(
                    ExitCode.FAILED,
                    String.valueOf(e.getMessage()),
                    "Choose another name; an alias is taken away by millrace rm " + alias,
                    e);
        } catch (IOException e) {
            throw LocalModels.failed("the alias was not written", e);
        }
        if (json) {
            console.out().print(ModelJson.text(object(alias, model)));
        } else {
            console.out().println(alias + " stands for " + model + " now.");
        }
    }
}
