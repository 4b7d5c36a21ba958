package dev.millrace.cli.models;

import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.CatalogueEntry;
import dev.millrace.models.catalogue.CatalogueRefusedException;
import dev.millrace.models.catalogue.ModelName;
import dev.millrace.models.catalogue.Residence;
import dev.millrace.models.catalogue.StoredFile;
import dev.millrace.models.foreign.FoundModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides what becomes of each model that was found, and refers to the new ones. *Confined to one thread.*
final class Importing {
    private final Catalogue catalogue;
    private final boolean dryRun;
    private List<CatalogueEntry> entries;

    Importing(Catalogue catalogue, boolean dryRun) {
        this.catalogue = catalogue;
        this.dryRun = dryRun;
        entries = catalogue.entries();
    }

    /// What became of a model.
    enum Status {
        ADDED("added"),
        WOULD_BE_ADDED("would be added"),
        /// Its files changed, and the catalogue took note.
        UPDATED("updated"),
        PRESENT("already there"),
        SKIPPED("cannot be used");

        private final String words;

        Status(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /// @param name what it is called here
    /// @param detail the reason, or the name it is known by already; empty if there is nothing to say
    record Result(FoundModel model, String name, Status status, String detail) {}

    Result take(FoundModel model, String name) throws IOException {
        if (!model.isUsable()) {
            return new Result(model, name, Status.SKIPPED, model.whyNot());
        }
        CatalogueEntry same = ofSameFiles(model);
        if (same != null && same.isUsable()) {
            boolean renamed = !same.id().value().equals(name);
            return new Result(model, name, Status.PRESENT, renamed ? "as " + same.id() : "");
        }
        if (dryRun) {
            return new Result(model, name, Status.WOULD_BE_ADDED, "");
        }
        String known = same == null ? name : same.id().value();
        try {
            catalogue.referenceDescribed(ModelName.parse(known), model.files(), model.origin());
            entries = catalogue.entries();
            return new Result(model, known, same == null ? Status.ADDED : Status.UPDATED, "");
        } catch (CatalogueRefusedException e) {
            return new Result(model, name, Status.SKIPPED, e.getMessage() + "; give another with --name");
        }
    }

    private @Nullable CatalogueEntry ofSameFiles(FoundModel model) {
        List<Path> paths = paths(model.files());
        return entries.stream()
                .filter(entry -> entry.residence() != Residence.STORED)
                .filter(entry -> paths(entry.files()).equals(paths))
                .findFirst()
                .orElse(null);
    }

    private static List<Path> paths(List<StoredFile> files) {
        return files.stream().map(StoredFile::path).toList();
    }
}
