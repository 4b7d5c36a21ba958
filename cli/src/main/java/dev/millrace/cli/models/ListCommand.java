package dev.millrace.cli.models;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.console.Amounts;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.console.Style;
import dev.millrace.cli.console.TerminalText;
import dev.millrace.gguf.GgufSummary;
import dev.millrace.models.catalogue.CatalogueEntry;
import dev.millrace.models.catalogue.CatalogueListing;
import dev.millrace.models.catalogue.Residence;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `millrace list`: the models on this machine.
@Command(
        name = "list",
        aliases = "ls",
        header = "List the models on this machine.",
        description = {
            "",
            "Downloaded ones, those of other programs that are used in place, files put into the data directory's models"
                    + " folder, and the built-in demo model. Needs no server.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace list",
            "  millrace list --json | jq -r '.models[].name'",
        })
public final class ListCommand implements Callable<Integer> {
    @Option(names = "--json", description = "The same as one JSON object.")
    private boolean json;

    private final Console console;
    private final Places places;

    public ListCommand(Console console, Places places) {
        this.console = console;
        this.places = places;
    }

    @Override
    public Integer call() {
        CatalogueListing listing = LocalModels.catalogue(places).listing();
        if (json) {
            console.out().print(ModelJson.text(object(listing)));
            return ExitCode.OK.number();
        }
        console.out().print(table(listing, console.style()));
        LocalModels.warn(console.err(), console.style(), listing.warnings());
        if (listing.entries().stream().allMatch(entry -> entry.residence() == Residence.BUILT_IN)) {
            console.out()
                    .print(
                            "\nNothing of your own yet. `millrace import` finds what Ollama, LM Studio and the Hugging Face"
                                    + " libraries keep here,\nwithout copying it; `millrace pull` downloads a model.\n");
        }
        return ExitCode.OK.number();
    }

    private static String table(CatalogueListing listing, Style style) {
        Table table = new Table("NAME", "PARAMETERS", "QUANTISATION", "SIZE", "CONTEXT", "ORIGIN", "ADDED");
        for (CatalogueEntry entry : listing.entries()) {
            GgufSummary summary = entry.summary();
            table.add(
                    entry.id().value(),
                    Amounts.count(summary.parameters()),
                    summary.quantisation(),
                    Amounts.size(entry.sizeBytes()),
                    Amounts.tokens(summary.contextTokens()),
                    entry.origin(),
                    entry.residence() == Residence.BUILT_IN ? "" : Amounts.time(entry.added()));
            if (!entry.aliases().isEmpty()) {
                table.note(style.dim("also " + String.join(", ", entry.aliases())));
            }
            if (!entry.isUsable()) {
                table.note(style.yellow("! ") + TerminalText.safeLine(entry.problem()));
            }
        }
        return table.text(style);
    }

    private static ObjectNode object(CatalogueListing listing) {
        ObjectNode root = ModelJson.object();
        ArrayNode models = root.putArray("models");
        listing.entries().forEach(entry -> models.add(ModelJson.of(entry)));
        ArrayNode warnings = root.putArray("warnings");
        listing.warnings().forEach(warnings::add);
        return root;
    }
}
