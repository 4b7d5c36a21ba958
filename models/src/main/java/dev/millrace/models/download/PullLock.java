package dev.millrace.models.download;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The right to pull one thing, held by one pull of one process. The file stays; it holds the name of the model that
/// the last
/// holder finished, if it did. *Confined to one thread.*
final class PullLock implements Closeable {
    // A file lock belongs to a process, and closing any channel to the file gives it back: threads of this process must
    // not
    // even open it while another one holds it. One entry per running pull.
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();
    private static final int MAX_NAME = 256;

    private final Path path;
    private final FileChannel channel;
    private final FileLock lock;

    private PullLock(Path path, FileChannel channel, FileLock lock) {
        this.path = path;
        this.channel = channel;
        this.lock = lock;
    }

    /// Takes the lock; `null` if another pull holds it.
    static @Nullable PullLock tryTake(Path file) throws IOException {
        Path path = file.toAbsolutePath().normalize();
        if (!HELD_HERE.add(path)) {
            return null;
        }
        FileChannel channel = null;
        boolean taken = false;
        try {
            channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            taken = lock != null;
            return lock == null ? null : new PullLock(path, channel, lock);
        } finally {
            if (!taken) {
                if (channel != null) {
                    channel.close();
                }
                HELD_HERE.remove(path);
            }
        }
    }

    /// The model that the last holder finished; empty if it finished none.
    String finished() throws IOException {
        ByteBuffer text = ByteBuffer.allocate(MAX_NAME);
        channel.read(text, 0);
        return new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII);
    }

    /// Forgets what an earlier holder did.
    void begin() throws IOException {
        channel.truncate(0);
    }

    /// Tells whoever waits that the model is there.
    void finish(String model) throws IOException {
        channel.write(ByteBuffer.wrap(model.getBytes(StandardCharsets.US_ASCII)), 0);
    }

    @Override
    public void close() throws IOException {
        try {
            lock.release();
            channel.close();
        } finally {
            HELD_HERE.remove(path);
        }
    }
}
