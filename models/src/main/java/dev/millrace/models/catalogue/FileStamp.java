package dev.millrace.models.catalogue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;

/// Tells one state of a file from another without reading it. A file that was replaced by a rename has
/// another key even if it has the same size and came in the same instant. *Immutable.*
///
/// @param key the file system's own; empty where it has none
record FileStamp(Path path, boolean regular, long sizeBytes, Instant modified, String key) {
    /// @throws java.nio.file.NoSuchFileException if there is none
    static FileStamp of(Path file, LinkOption... options) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class, options);
        return new FileStamp(
                file,
                attributes.isRegularFile(),
                attributes.size(),
                attributes.lastModifiedTime().toInstant(),
                String.valueOf(attributes.fileKey()));
    }

    long modifiedMillis() {
        return modified.toEpochMilli();
    }
}
