package dev.millrace.models.catalogue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Files that are there completely or not at all, also after the power failed. An error of the disk is
/// never hidden.
final class DurableFiles {
    static final String TEMPORARY_PREFIX = ".new-";
    static final String TEMPORARY_ENDING = ".tmp";

    private DurableFiles() {}

    /// Writes a file beside its place and renames it there when the disk has it.
    static void write(Path target, byte[] content) throws IOException {
        Path folder = target.resolveSibling("").toAbsolutePath();
        Files.createDirectories(folder);
        Path temporary = Files.createTempFile(folder, TEMPORARY_PREFIX, TEMPORARY_ENDING);
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        sync(folder);
    }

    /// Renames a file into a folder of the same file system, taking the place of what was there.
    static void move(Path source, Path target) throws IOException {
        sync(source);
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        sync(target.resolveSibling("").toAbsolutePath());
    }

    /// Waits until the disk has the content of a file, or the names in a folder.
    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (AccessDeniedException e) {
            // Windows opens no folders, and keeps names by itself.
            if (!Files.isDirectory(path)) {
                throw e;
            }
        }
    }
}
