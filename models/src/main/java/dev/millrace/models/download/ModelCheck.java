package dev.millrace.models.download;

import dev.millrace.gguf.GgufReader;
import java.io.IOException;
import java.nio.file.Path;

/// Says whether a file is a model. *Thread-safe.*
@FunctionalInterface
public interface ModelCheck {
    /// The header is read and checked completely.
    ModelCheck GGUF = GgufReader::read;

    /// @throws dev.millrace.gguf.InvalidGgufException if it is not
    void check(Path file) throws IOException;
}
