package dev.millrace.cli.engines;

import dev.millrace.models.catalogue.CatalogueEntry;
import dev.millrace.models.catalogue.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Collectors;

/// What a model is by its content, in one line: its digests where they are known, else what the file system
/// says of its files. Reads no content.
final class FileIdentity {
    private FileIdentity() {}

    static String of(CatalogueEntry entry) {
        return entry.files().stream().map(FileIdentity::of).collect(Collectors.joining(" "));
    }

    private static String of(StoredFile file) {
        return file.sha256().isEmpty() ? of(file.path()) : "sha256:" + file.sha256();
    }

    /// A file that was replaced has another key, one that was written to another time.
    static String of(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return file.toAbsolutePath() + ":" + attributes.size() + ":"
                    + attributes.lastModifiedTime().toInstant() + ":" + attributes.fileKey();
        } catch (IOException e) {
            return file.toAbsolutePath().toString(); // its load will say more
        }
    }
}
