package dev.millrace.gguf;

import dev.millrace.testing.gguf.RawGguf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;

/// Reads headers from memory, in files as long as one likes.
final class Headers {
    static final Path FILE = Path.of("model.gguf");
    static final Path DEMO = Path.of("../tools/demo-model/millrace-demo.gguf");

    private static final byte DATA = 'x';

    private Headers() {}

    static GgufFile read(RawGguf raw) throws IOException {
        return read(raw.header(), raw.size());
    }

    /// @param size of the file; what is behind the header is no zeros
    static GgufFile read(byte[] header, long size) throws IOException {
        return read(header, size, 0);
    }

    /// @param zeros at the end of the file
    static GgufFile read(byte[] header, long size, int zeros) throws IOException {
        return GgufReader.read(new GgufInput(FILE, new Memory(header, size, size - zeros)), new HashSet<>());
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Memory(byte[] header, long size, long dataEnd) implements GgufInput.Source {
        @Override
        public int read(ByteBuffer to, long position) {
            if (position >= size) {
                return -1;
            }
            int count = (int) Math.min(to.remaining(), size - position);
            int own = Math.clamp(header.length - position, 0, count);
            if (own > 0) {
                to.put(header, (int) position, own);
            }
            byte[] data = new byte[count - own];
            Arrays.fill(data, 0, Math.clamp(dataEnd - position - own, 0, data.length), DATA);
            to.put(data);
            return count;
        }
    }
}
