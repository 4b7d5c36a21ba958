package dev.millrace.llama.natives;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/// Directories of libraries under one root, each complete or not there at all. *Thread-safe*, also between
/// processes.
final class NativeCache {
    // A file lock is held by a process, not by a thread: this one is for the threads.
    private static final ReentrantLock THREADS = new ReentrantLock();

    private final Path root;

    NativeCache(Path root) {
        this.root = root;
    }

    Path directory(String name) {
        return root.resolve(name);
    }

    /// Fills an empty directory.
    @FunctionalInterface
    interface Filling {
        void fill(Path directory) throws IOException;
    }

    /// The named directory, filled first if it is not there yet. Others wait while one fills.
    Path obtain(String name, Filling filling) throws IOException {
        Path target = directory(name);
        if (Files.isDirectory(target)) {
            return target;
        }
        Files.createDirectories(root);
        THREADS.lock();
        try (FileChannel file =
                        FileChannel.open(root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = file.lock()) {
            if (lock.isValid() && !Files.isDirectory(target)) {
                fill(target, filling);
            }
            return target;
        } finally {
            THREADS.unlock();
        }
    }

    private void fill(Path target, Filling filling) throws IOException {
        Path unfinished = Files.createTempDirectory(root, ".unfinished-");
        try {
            filling.fill(unfinished);
            move(unfinished, target);
        } finally {
            delete(unfinished);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new NativesException("cannot rename inside " + to.getParent() + ": choose another data directory", e);
        }
    }

    /// Removes a directory with everything in it, if it is there.
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(directory)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }
}
