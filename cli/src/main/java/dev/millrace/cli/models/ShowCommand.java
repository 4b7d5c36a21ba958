package dev.millrace.cli.models;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.console.ProgressLine;
import dev.millrace.cli.console.TerminalText;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.CatalogueEntry;
import dev.millrace.models.catalogue.FileCheck;
import dev.millrace.models.catalogue.FileCheck.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `millrace show`: all about one model.
@Command(
        name = "show",
        header = "Show all about one model.",
        description = {
            "",
            "What its file says of itself, where it lies, and what is wrong with it. --verify reads all of it and compares"
                    + " its digest; exits with 1 if it is damaged.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace show millrace-demo",
            "  millrace show --verify millrace-demo",
            "  millrace show --template millrace-demo > template.jinja",
        })
public final class ShowCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "A model or an alias, as millrace list shows it.")
    private String name = "";

    @Option(names = "--json", description = "The same as one JSON object.")
    private boolean json;

    @Option(names = "--verify", description = "Read all its files and compare their digests.")
    private boolean verify;

    @Option(names = "--template", description = "Only the chat template.")
    private boolean template;

    private final Console console;
    private final Places places;

    public ShowCommand(Console console, Places places) {
        this.console = console;
        this.places = places;
    }

    @Override
    public Integer call() {
        Catalogue catalogue = LocalModels.catalogue(places);
        CatalogueEntry entry = LocalModels.find(catalogue, name);
        if (template) {
            return showTemplate(entry);
        }
        List<FileCheck> checks = verify ? verify(catalogue, entry) : List.of();
        console.out()
                .print(json ? ModelJson.text(object(entry, checks)) : Details.text(entry, checks, console.style()));
        boolean damaged = checks.stream().anyMatch(check -> check.outcome() == Outcome.DAMAGED);
        return (damaged ? ExitCode.FAILED : ExitCode.OK).number();
    }

    private int showTemplate(CatalogueEntry entry) {
        String source = entry.summary().chatTemplate();
        if (source == null) {
            throw new CommandFailedException(
                    ExitCode.FAILED,
                    entry.id() + " has no chat template",
                    "It completes text; the chat endpoints need a model with a template");
        }
        console.out().print(console.terminals().out() ? TerminalText.safe(source) : source);
        console.out().print(source.endsWith("\n") ? "" : "\n");
        return ExitCode.OK.number();
    }

    private List<FileCheck> verify(Catalogue catalogue, CatalogueEntry entry) {
        AtomicLong done = new AtomicLong();
        float all = Math.max(1, entry.sizeBytes());
        try (ProgressLine line = new ProgressLine(console)) {
            return catalogue.verify(
                    entry, bytes -> line.at("reading " + entry.id(), Math.min(1, done.addAndGet(bytes) / all)));
        } catch (IOException e) {
            throw LocalModels.failed(entry.id() + " was not read to its end", e);
        }
    }

    private static ObjectNode object(CatalogueEntry entry, List<FileCheck> checks) {
        ObjectNode node = ModelJson.of(entry);
        if (!checks.isEmpty()) {
            ArrayNode array = node.putArray("verification");
            for (FileCheck check : checks) {
                array.addObject()
                        .put("path", check.file().path().toString())
                        .put("outcome", check.outcome().name().toLowerCase(Locale.ROOT))
                        .put("detail", check.detail());
            }
        }
        return node;
    }
}
