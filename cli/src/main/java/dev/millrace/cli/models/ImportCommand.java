package dev.millrace.cli.models;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.console.Amounts;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.console.ProgressLine;
import dev.millrace.cli.console.Style;
import dev.millrace.cli.console.TerminalText;
import dev.millrace.cli.models.ForeignPlaces.Source;
import dev.millrace.cli.models.Importing.Result;
import dev.millrace.cli.models.Importing.Status;
import dev.millrace.gguf.GgufSummary;
import dev.millrace.models.catalogue.ModelName;
import dev.millrace.models.foreign.FoundModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `millrace import`: lists models that other programs keep, to be used where they lie.
@Command(
        name = "import",
        header = "Use models that other programs keep here, without copying them.",
        description = {
            "",
            "Looks through the folders of Ollama, LM Studio and the Hugging Face libraries, or through a file or folder of"
                    + " yours, reads the headers and refers to what can be served. Nothing is copied or changed.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace import --dry-run",
            "  millrace import --from ollama",
            "  millrace import --from ./some.gguf --name some:q4",
        })
public final class ImportCommand implements Callable<Integer> {
    @Option(
            names = "--from",
            paramLabel = "SOURCE",
            description = "ollama, lmstudio, huggingface, or a GGUF file or a folder; all three programs if left away.")
    private String from = "";

    @Option(names = "--name", paramLabel = "NAME", description = "What to call the model, if it is only one.")
    private String newName = "";

    @Option(names = "--dry-run", description = "Only say what would be added.")
    private boolean dryRun;

    @Option(names = "--json", description = "The same as one JSON object.")
    private boolean json;

    private final Console console;
    private final Places places;

    public ImportCommand(Console console, Places places) {
        this.console = console;
        this.places = places;
    }

    @Override
    public Integer call() {
        requireName();
        List<Source> sources = ForeignPlaces.of(console.environment()).sources(from);
        Map<Source, List<FoundModel>> found = new LinkedHashMap<>();
        try (ProgressLine line = new ProgressLine(console)) {
            for (Source source : sources) {
                line.show("looking through " + source.folder() + "…");
                found.put(source, source.find());
            }
        }
        requireOne(found);
        Map<Source, List<Result>> results = take(found);
        console.out().print(json ? ModelJson.text(object(results)) : text(results, console.style()));
        boolean nothingOfAFile =
                results.values().stream().flatMap(List::stream).allMatch(result -> result.status() == Status.SKIPPED);
        return (nothingOfAFile && sources.getFirst().program().equals("file") ? ExitCode.MODEL : ExitCode.OK).number();
    }

    private void requireName() {
        if (!newName.isEmpty() && !ModelName.isValid(newName)) {
            throw new CommandFailedException(
                    ExitCode.USAGE,
                    "--name: '" + newName + "' cannot be a model's name",
                    "Use letters, digits, '.', '_' and '-', with at most one 'maker/' before and one ':variant' behind");
        }
    }

    private void requireOne(Map<Source, List<FoundModel>> found) {
        long usable = found.values().stream()
                .flatMap(List::stream)
                .filter(FoundModel::isUsable)
                .count();
        if (!newName.isEmpty() && usable > 1) {
            throw new CommandFailedException(
                    ExitCode.USAGE,
                    "--name is for one model, and there are " + usable,
                    "Give the path of one file with --from");
        }
    }

    private Map<Source, List<Result>> take(Map<Source, List<FoundModel>> found) {
        Importing importing = new Importing(LocalModels.catalogue(places), dryRun);
        Map<Source, List<Result>> results = new LinkedHashMap<>();
        try {
            for (Map.Entry<Source, List<FoundModel>> each : found.entrySet()) {
                List<Result> taken = new ArrayList<>();
                for (FoundModel model : each.getValue()) {
                    taken.add(importing.take(model, newName.isEmpty() ? model.name() : newName));
                }
                results.put(each.getKey(), taken);
            }
        } catch (IOException e) {
            throw LocalModels.failed("the import ended early", e);
        }
        return results;
    }

    private static String text(Map<Source, List<Result>> results, Style style) {
        StringBuilder text = new StringBuilder();
        results.forEach((source, taken) -> {
            text.append(style.bold(source.program()))
                    .append("  ")
                    .append(style.dim(source.folder().toString()));
            text.append(source.exists() ? taken.isEmpty() ? "  no models" : "" : "  not there")
                    .append('\n');
            if (!taken.isEmpty()) {
                Table table = new Table();
                taken.forEach(result -> addRow(table, result, style));
                text.append(table.text(style));
            }
            text.append('\n');
        });
        return text.append(summary(results)).append('\n').toString();
    }

    private static void addRow(Table table, Result result, Style style) {
        GgufSummary summary = result.model().summary();
        String mark = switch (result.status()) {
            case ADDED, WOULD_BE_ADDED, UPDATED -> "+";
            case PRESENT -> "=";
            case SKIPPED -> "!";
        };
        boolean skipped = result.status() == Status.SKIPPED;
        table.add(
                "  " + mark + " " + result.name(),
                summary == null ? "" : Amounts.count(summary.parameters()),
                summary == null ? "" : summary.quantisation(),
                result.model().files().isEmpty()
                        ? ""
                        : Amounts.size(result.model().sizeBytes()),
                result.status().words() + (skipped || result.detail().isEmpty() ? "" : " " + result.detail()));
        if (skipped) {
            table.note("  " + style.dim("→ " + TerminalText.safeLine(result.detail())));
        }
    }

    private static String summary(Map<Source, List<Result>> results) {
        List<String> parts = new ArrayList<>();
        for (Status status : Status.values()) {
            long n = results.values().stream()
                    .flatMap(List::stream)
                    .filter(result -> result.status() == status)
                    .count();
            if (n > 0) {
                parts.add(n + " " + status.words());
            }
        }
        return parts.isEmpty() ? "Nothing was found." : String.join(", ", parts) + ".";
    }

    private static ObjectNode object(Map<Source, List<Result>> results) {
        ObjectNode root = ModelJson.object();
        ArrayNode searched = root.putArray("searched");
        ArrayNode models = root.putArray("models");
        results.forEach((source, taken) -> {
            searched.addObject()
                    .put("program", source.program())
                    .put("path", source.folder().toString())
                    .put("exists", source.exists());
            taken.forEach(result -> addObject(models, result));
        });
        return root;
    }

    private static void addObject(ArrayNode models, Result result) {
        GgufSummary summary = result.model().summary();
        ObjectNode node = models.addObject()
                .put("name", result.name())
                .put("origin", result.model().origin())
                .put("status", result.status().name().toLowerCase(Locale.ROOT))
                .put("detail", result.detail().isEmpty() ? null : result.detail())
                .put("size_bytes", result.model().sizeBytes())
                .put("parameters", summary == null ? null : summary.parameters())
                .put("quantisation", summary == null ? null : summary.quantisation());
        ModelJson.files(node, result.model().files());
    }
}
