package dev.millrace.models.download;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What a pull does to the disk, so that a test can let it fail. *Thread-safe.*
public interface Disk {
    /// The disks of this machine.
    Disk REAL = new Disk() {
        @Override
        public OpenFile open(Path file) throws IOException {
            return new ChannelFile(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        }

        @Override
        public long usableBytes(Path directory) throws IOException {
            return Files.getFileStore(directory).getUsableSpace();
        }
    };

    /// Opens a file for writing; makes it if it is not there.
    OpenFile open(Path file) throws IOException;

    /// How much may still be written there.
    long usableBytes(Path directory) throws IOException;

    /// An open file. *Thread-safe.*
    interface OpenFile extends Closeable {
        /// Writes all of `bytes` at `position`.
        void write(long position, ByteBuffer bytes) throws IOException;

        /// Returns when everything written so far is on the device.
        void force() throws IOException;

        /// Cuts the file to `size` bytes.
        void truncate(long size) throws IOException;
    }

    /// A file of this machine.
    record ChannelFile(FileChannel channel) implements OpenFile {
        @Override
        public void write(long position, ByteBuffer bytes) throws IOException {
            long at = position;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
