package dev.millrace.testing.net;

import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// File handles and platform threads of this process at one moment (Linux), to be compared with a later one. The JDK
/// opens some of both on first use and keeps them: warm up what is measured. *Immutable.*
public record OpenHandles(long files, long threads) {
    private static final Path FILES = Path.of("/proc/self/fd");
    private static final Path THREADS = Path.of("/proc/self/task");
    private static final long PAUSE_NANOS = 2_000_000;

    /// Counts now.
    public static OpenHandles now() {
        return new OpenHandles(count(FILES), count(THREADS));
    }

    /// Waits until no more handles and threads are open than these: what is closed ends a moment later.
    ///
    /// @throws AssertionError if there are more behind the limit
    public void awaitNoMore(Duration limit) {
        NanoClock clock = NanoClock.SYSTEM;
        long deadline = clock.nanoTime() + limit.toNanos();
        for (OpenHandles now = now(); now.files > files || now.threads > threads; now = now()) {
            if (clock.nanoTime() > deadline) {
                throw new AssertionError("left behind: " + now + " (expected: at most " + this + ")");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static long count(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
