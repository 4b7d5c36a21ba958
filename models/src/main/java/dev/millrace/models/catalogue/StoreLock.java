package dev.millrace.models.catalogue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Lets one change of the store happen at a time, also among processes. Reading needs no lock. *Thread-safe.*
final class StoreLock {
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final int ATTEMPTS = 1_000;

    private final Path file;
    private final ReentrantLock inThisProcess = new ReentrantLock();

    StoreLock(Path file) {
        this.file = file;
    }

    /// A change of the store.
    interface Change<T> {
        T make() throws IOException;
    }

    /// Makes a change while nobody else makes one.
    ///
    /// @throws IOException if the change fails, or another process does not end its own in time
    <T> T holding(Change<T> change) throws IOException {
        inThisProcess.lock();
        try {
            Files.createDirectories(file.resolveSibling("").toAbsolutePath());
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = acquire(channel)) {
                return change.make();
            }
        } finally {
            inThisProcess.unlock();
        }
    }

    private FileLock acquire(FileChannel channel) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            FileLock lock = tryLock(channel);
            if (lock != null) {
                return lock;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while another process changes " + file.getParent());
            }
        }
        throw new IOException("another process has been changing " + file.getParent() + " for "
                + PAUSE.multipliedBy(ATTEMPTS).toSeconds() + " s (it holds " + file + ")");
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // another catalogue of this process holds it
        }
    }
}
