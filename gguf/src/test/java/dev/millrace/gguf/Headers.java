package dev.millrace.gguf;

import dev.millrace.testing.gguf.RawGguf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;

/// Reads headers from memory, in files as long as one likes.
final class Headers {
    static final Path FILE = Path.of("model.gguf");
    static final Path DEMO = Path.of("../tools/demo-model/millrace-demo.gguf");

    private Headers() {}

    static GgufFile read(RawGguf raw) throws IOException {
        return read(raw.header(), raw.size());
    }

    /// @param size of the file; what is behind the header reads as zeros
    static GgufFile read(byte[] header, long size) throws IOException {
        return GgufReader.read(new GgufInput(FILE, new Memory(header, size)), new HashSet<>());
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Memory(byte[] header, long size) implements GgufInput.Source {
        @Override
        public int read(ByteBuffer to, long position) {
            if (position >= size) {
                return -1;
            }
            int count = (int) Math.min(to.remaining(), size - position);
            for (int done = 0; done < count; ) {
                long at = position + done;
                int step = at < header.length ? (int) Math.min(count - done, header.length - at) : count - done;
                to.put(at < header.length ? ByteBuffer.wrap(header, (int) at, step) : ByteBuffer.allocate(step));
                done += step;
            }
            return count;
        }
    }
}
