package dev.millrace.models.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// A disk on which the n-th operation fails, and every one after it, until it is mended. Keeps of the real one that
/// what was
/// written before stays, and that half of the failing write is there.
final class FullDisk implements Disk {
    private final int failing;
    private final String reason;
    private final AtomicInteger operations = new AtomicInteger();

    FullDisk(int failing, String reason) {
        this.failing = failing;
        this.reason = reason;
    }

    /// True once an operation failed.
    boolean hasFailed() {
        return operations.get() >= failing;
    }

    private boolean fails() {
        return operations.incrementAndGet() >= failing;
    }

    private IOException failure() {
        return new IOException(reason);
    }

    @Override
    public OpenFile open(Path file) throws IOException {
        OpenFile real = Disk.REAL.open(file);
        return new OpenFile() {
            @Override
            public void write(long position, ByteBuffer bytes) throws IOException {
                if (fails()) {
                    real.write(position, bytes.slice(0, bytes.remaining() / 2));
                    throw failure();
                }
                real.write(position, bytes);
            }

            @Override
            public void force() throws IOException {
                if (fails()) {
                    throw failure();
                }
                real.force();
            }

            @Override
            public void truncate(long size) throws IOException {
                real.truncate(size);
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }

    @Override
    public long usableBytes(Path directory) throws IOException {
        return Disk.REAL.usableBytes(directory);
    }
}
