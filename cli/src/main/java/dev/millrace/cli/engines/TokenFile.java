package dev.millrace.cli.engines;

import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.models.download.AccessToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file that holds a token for the hub and nothing else.
public final class TokenFile {
    private static final int MAX_BYTES = 8192;

    private TokenFile() {}

    /// Reads it.
    ///
    /// @throws CommandFailedException if it cannot be read, or holds something else
    public static AccessToken read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new AccessToken(new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip());
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandFailedException(
                    ExitCode.USAGE, "the token file cannot be read: " + file, "Name a file that holds a token only", e);
        }
    }
}
