package dev.millrace.cli.models;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.console.Style;
import dev.millrace.cli.console.TerminalText;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.CatalogueEntry;
import java.io.IOException;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.List;

/// The models of this machine, as the commands see them.
final class LocalModels {
    private LocalModels() {}

    static Catalogue catalogue(Places places) {
        return Catalogue.open(
                places.dataDirectory(), List.of(places.distribution().resolve("models")), InstantSource.system());
    }

    /// @throws CommandFailedException if there is none
    static CatalogueEntry find(Catalogue catalogue, String name) {
        return catalogue
                .find(name)
                .orElseThrow(() -> new CommandFailedException(
                        ExitCode.MODEL, "no model '" + name + "'", "millrace list shows which there are"));
    }

    /// What was passed over, on standard error.
    static void warn(PrintStream err, Style style, List<String> warnings) {
        for (String warning : warnings) {
            err.println(style.yellow("! ") + TerminalText.safeLine(warning));
        }
    }

    /// A failure of the disk, for a person.
    static CommandFailedException failed(String what, IOException e) {
        return new CommandFailedException(
                ExitCode.FAILED,
                what + ": " + e.getMessage(),
                "Look at the data directory: is there room, and may it be written?",
                e);
    }
}
