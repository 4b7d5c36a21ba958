package dev.millrace.models.catalogue;

import dev.millrace.models.catalogue.FileCheck.Outcome;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/// Reads the files of a model and says whether they are what they should be.
final class Verification {
    private Verification() {}

    static List<FileCheck> of(CatalogueEntry entry, LongConsumer progress) throws ClosedByInterruptException {
        List<FileCheck> checks = new ArrayList<>();
        for (StoredFile file : entry.files()) {
            FileCheck check = check(file, progress);
            boolean changed =
                    check.outcome() != Outcome.DAMAGED && entry.problem().startsWith(file.path() + " ");
            checks.add(changed ? new FileCheck(file, Outcome.DAMAGED, entry.problem()) : check);
        }
        return checks;
    }

    private static FileCheck check(StoredFile file, LongConsumer progress) throws ClosedByInterruptException {
        try {
            String found = Sha256.of(file.path(), progress);
            if (file.sha256().isEmpty()) {
                return new FileCheck(file, Outcome.NOT_COMPARED, "sha256 " + found);
            }
            return found.equals(file.sha256())
                    ? new FileCheck(file, Outcome.INTACT, "sha256 " + found)
                    : new FileCheck(file, Outcome.DAMAGED, "sha256 " + found + " (expected: " + file.sha256() + ")");
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (NoSuchFileException e) {
            return new FileCheck(file, Outcome.DAMAGED, "missing");
        } catch (IOException e) {
            return new FileCheck(file, Outcome.DAMAGED, "cannot be read: " + e.getMessage());
        }
    }
}
