package dev.millrace.cli.engines;

import dev.millrace.core.time.NanoClock;
import dev.millrace.llama.Cores;
import java.io.IOException;
import java.nio.file.Path;

/// How the workers of one server share the cores: the words they share lie beside their sockets, in a
/// directory that nobody else can enter.
public final class WorkerCores {
    /// The option of a worker's JVM that shares no cores.
    static final String ALONE = "-Dmillrace.own-cores=true";

    private static final String FILE = "cores";

    private WorkerCores() {}

    /// Where the workers of one server share their cores.
    static Path file(Path socket) {
        return socket.resolveSibling(FILE);
    }

    /// The cores that workers share whose sockets lie in `directory`, for this process.
    static Cores in(Path directory) throws IOException {
        return between(directory.resolve(FILE));
    }

    private static Cores between(Path file) throws IOException {
        return Cores.between(
                file,
                ProcessHandle.current().pid(),
                pid -> ProcessHandle.of(pid).isPresent(),
                NanoClock.SYSTEM);
    }

    /// The cores of a worker that listens on `socket`.
    ///
    /// @throws IOException if the file cannot be written
    public static Cores of(Path socket) throws IOException {
        return Boolean.getBoolean("millrace.own-cores") ? Cores.ALONE : between(file(socket));
    }
}
