package dev.millrace.models.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/// Reads files that should be small, and does not believe it.
public final class SmallFiles {
    private SmallFiles() {}

    /// The whole content.
    ///
    /// @param maxBytes of a file that is read
    /// @throws IOException if it is larger, or cannot be read
    public static byte[] read(Path file, int maxBytes, OpenOption... options) throws IOException {
        try (InputStream in = Files.newInputStream(file, options)) {
            byte[] content = in.readNBytes(maxBytes + 1);
            if (content.length > maxBytes) {
                throw new IOException("larger than " + maxBytes + " bytes");
            }
            return content;
        }
    }
}
