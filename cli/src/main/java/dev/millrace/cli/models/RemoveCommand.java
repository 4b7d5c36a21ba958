package dev.millrace.cli.models;

import dev.millrace.cli.console.Amounts;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.CatalogueRefusedException;
import dev.millrace.models.catalogue.Removability;
import dev.millrace.models.catalogue.Removed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `millrace rm`: takes models off the list and deletes what belongs to the store.
@Command(
        name = "rm",
        header = "Remove models.",
        description = {
            "",
            "Deletes downloaded files that no other model uses. Files that are used in place are only taken off the list."
                    + " An alias is removed without its model. Asks first, unless --yes is given.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace rm qwen3-0.6b",
            "  millrace rm --yes one two:q8",
        })
public final class RemoveCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", arity = "1..*", description = "Models or aliases, as millrace list shows them.")
    private List<String> names = List.of();

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean yes;

    private final Console console;
    private final Places places;

    public RemoveCommand(Console console, Places places) {
        this.console = console;
        this.places = places;
    }

    @Override
    public Integer call() {
        Catalogue catalogue = LocalModels.catalogue(places);
        for (String name : names) {
            requireRemovable(catalogue, name);
        }
        if (!yes && !confirmed()) {
            console.err().println("Nothing was removed.");
            return ExitCode.FAILED.number();
        }
        for (String name : names) {
            remove(catalogue, name);
        }
        return ExitCode.OK.number();
    }

    private static void requireRemovable(Catalogue catalogue, String name) {
        switch (catalogue.removability(name)) {
            case Removability.Removable _, Removability.Alias _ -> {}
            case Removability.Unknown _ ->
                throw new CommandFailedException(
                        ExitCode.MODEL, "no model '" + name + "'", "millrace list shows which there are");
            case Removability.BuiltIn(ModelId model) ->
                throw new CommandFailedException(
                        ExitCode.USAGE, model + " is built in", "It is part of Millrace and stays");
            case Removability.DroppedIn(ModelId model, Path file) ->
                throw new CommandFailedException(
                        ExitCode.USAGE,
                        model + " was put into the models folder by hand",
                        "Delete the file yourself: " + file);
        }
    }

    private boolean confirmed() {
        if (!console.terminals().in()) {
            throw new CommandFailedException(
                    ExitCode.USAGE, "nobody to ask whether to remove " + String.join(", ", names), "Add --yes");
        }
        console.err().print("Remove " + String.join(", ", names) + "? [y/N] ");
        console.err().flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8)).readLine();
            return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
        } catch (IOException e) {
            return false;
        }
    }

    private void remove(Catalogue catalogue, String name) {
        try {
            if (catalogue.removability(name) instanceof Removability.Alias(ModelId model)) {
                catalogue.unalias(name);
                console.out().println("Removed the alias " + name + "; " + model + " is still there.");
                return;
            }
            console.out().println(told(catalogue.remove(name)));
        } catch (CatalogueRefusedException e) {
            throw new CommandFailedException(
                    ExitCode.FAILED, String.valueOf(e.getMessage()), "millrace list shows which there are", e);
        } catch (IOException e) {
            throw LocalModels.failed(name + " was not removed", e);
        }
    }

    private static String told(Removed removed) {
        List<Path> kept = removed.keptFiles();
        if (!kept.isEmpty()) {
            return "Took " + removed.id() + " off the list; its " + (kept.size() == 1 ? "file" : "files") + " stay"
                    + (kept.size() == 1 ? "s" : "") + " where " + (kept.size() == 1 ? "it lies: " : "they lie: ")
                    + kept.getFirst();
        }
        return removed.freedBytes() == 0
                ? "Removed " + removed.id() + "; its files belong to another model, too."
                : "Removed " + removed.id() + ", freed " + Amounts.size(removed.freedBytes()) + ".";
    }
}
