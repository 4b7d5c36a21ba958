package dev.millrace.cli.engines;

import dev.millrace.core.time.NanoClock;
import dev.millrace.llama.Turns;
import java.io.IOException;
import java.nio.file.Path;

/// How the workers of one server take turns at the cores: the words they share lie beside their sockets, in a
/// directory that nobody else can enter.
public final class WorkerTurns {
    /// The option of a worker's JVM that needs no turns.
    static final String NONE = "-Dmillrace.no-turns=true";

    private static final String FILE = "turns";

    private WorkerTurns() {}

    /// The turns of a worker that listens on `socket`.
    ///
    /// @throws IOException if the file cannot be written
    public static Turns of(Path socket) throws IOException {
        return Boolean.getBoolean("millrace.no-turns")
                ? Turns.ALONE
                : Turns.between(
                        socket.resolveSibling(FILE),
                        ProcessHandle.current().pid(),
                        pid -> ProcessHandle.of(pid).isPresent(),
                        NanoClock.SYSTEM);
    }
}
