package dev.millrace.llama.natives;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/// A pinned package with prebuilt libraries. *Immutable.*
///
/// @param name name and version
/// @param integrity hash of its archive
/// @param files the entries to unpack; only the last part of their names is used
record NpmPackage(PackageClient client, String name, String integrity, Pattern files) {
    /// Downloads, checks and unpacks it.
    void unpackInto(Path directory, Consumer<String> progress) throws IOException {
        Path download = Files.createTempDirectory("millrace-natives-");
        try {
            progress.accept("fetching " + name + " with npm");
            Path archive = client.download(name, download);
            Path checked = download.resolve("checked.tgz");
            // Unpacked is what was checked, and not the file again, which somebody could have exchanged meanwhile.
            try (InputStream in = Files.newInputStream(archive);
                    OutputStream out = Files.newOutputStream(checked)) {
                Integrity.copy(in, out, integrity, "the archive of " + name);
            }
            progress.accept("unpacking " + name);
            try (InputStream in = new BufferedInputStream(Files.newInputStream(checked))) {
                unpack(in, directory);
            }
        } finally {
            NativeCache.delete(download);
        }
    }

    private void unpack(InputStream archive, Path directory) throws IOException {
        TarReader tar = new TarReader(new GZIPInputStream(archive));
        for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
            if (files.matcher(entry.name()).matches()) {
                String file = entry.name().substring(entry.name().lastIndexOf('/') + 1);
                Files.copy(tar.content(), directory.resolve(file));
            }
        }
    }
}
