package dev.millrace.llama.natives;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Downloads the archive of a package.
interface PackageClient {
    /// Downloads it into `directory`.
    ///
    /// @return the archive
    /// @throws NativesException if that did not work; the message says why
    Path download(String packageAndVersion, Path directory) throws IOException;

    /// The version of the client, or empty if there is none on this machine.
    Optional<String> version();
}
