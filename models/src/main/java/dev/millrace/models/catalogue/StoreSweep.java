package dev.millrace.models.catalogue;

import dev.millrace.models.catalogue.NamedFiles.Content;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes what no manifest names: blobs of removed models, and what a crash left. Only files that the
/// store itself could have made are touched. Called while the store's lock is held.
final class StoreSweep {
    private static final Logger LOG = LoggerFactory.getLogger(StoreSweep.class);

    private final StoreLayout layout;

    StoreSweep(StoreLayout layout) {
        this.layout = layout;
    }

    /// @param manifests as they are now; while one of them cannot be read, nobody knows what it names,
    ///     and all blobs stay
    /// @return bytes that were freed
    long run(Content<Manifest> manifests) throws IOException {
        removeTemporary(layout.manifests());
        removeTemporary(layout.aliases());
        if (!manifests.warnings().isEmpty()) {
            LOG.warn("event=catalogue.sweep.skipped reason=\"a manifest cannot be read\"");
            return 0;
        }
        Set<String> blobs = new HashSet<>();
        Set<String> folders = new HashSet<>();
        for (Manifest manifest : manifests.byName().values()) {
            if (manifest.isStored()) {
                manifest.parts().forEach(part -> blobs.add(StoreLayout.BLOB_PREFIX + part.sha256()));
                folders.add(manifest.shardKey());
            }
        }
        removeFolders(folders);
        return removeBlobs(blobs);
    }

    private long removeBlobs(Set<String> wanted) throws IOException {
        long freed = 0;
        try (DirectoryStream<Path> found = Files.newDirectoryStream(layout.blobs())) {
            for (Path blob : found) {
                String name = String.valueOf(blob.getFileName());
                boolean ours = name.startsWith(StoreLayout.BLOB_PREFIX)
                        && Sha256.isHex(name.substring(StoreLayout.BLOB_PREFIX.length()));
                if (ours && !wanted.contains(name)) {
                    long size = FileStamp.of(blob, LinkOption.NOFOLLOW_LINKS).sizeBytes();
                    Files.delete(blob);
                    freed += size;
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return freed;
        }
        return freed;
    }

    private void removeFolders(Set<String> wanted) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(layout.shards())) {
            for (Path folder : found) {
                String name = String.valueOf(folder.getFileName());
                if (Sha256.isHex(name) && !wanted.contains(name)) {
                    removeFolder(folder);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return;
        }
    }

    /// Removes a folder of hard links: no deeper folders are expected, and none is entered.
    static void removeFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> links = Files.newDirectoryStream(folder, "*.gguf")) {
                for (Path link : links) {
                    Files.delete(link);
                }
            }
            Files.delete(folder);
        }
    }

    private static void removeTemporary(Path folder) throws IOException {
        String pattern = DurableFiles.TEMPORARY_PREFIX + "*" + DurableFiles.TEMPORARY_ENDING;
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
            for (Path file : found) {
                Files.delete(file);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return;
        }
    }
}
