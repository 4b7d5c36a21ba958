package dev.millrace.testing.gguf;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Writes GGUF files, version 3. *Confined to one thread.*
public final class GgufWriter {
    private static final int ALIGNMENT = 32;
    private static final int U32 = 4;
    private static final int I32 = 5;
    private static final int F32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    private final ByteArrayOutputStream entries = new ByteArrayOutputStream();
    private final List<Tensor> tensors = new ArrayList<>();
    private int entryCount;

    /// How the numbers of a tensor are stored.
    public enum Type {
        F32(0),
        Q8_0(8);

        private final int code;

        Type(int code) {
            this.code = code;
        }

        long bytes(long numbers) {
            return switch (this) {
                case F32 -> numbers * 4;
                case Q8_0 -> numbers / 32 * 34;
            };
        }
    }

    /// Writes the content of a tensor.
    @FunctionalInterface
    public interface Content {
        void write(OutputStream out, long numbers) throws IOException;
    }

    private record Tensor(String name, List<Long> shape, Type type, Content content) {
        long numbers() {
            return shape.stream().reduce(1L, (a, b) -> a * b);
        }

        long bytes() {
            return type.bytes(numbers());
        }
    }

    /// A text.
    public GgufWriter text(String key, String value) {
        return entry(key, STRING, string(value));
    }

    /// A whole number, U32.
    public GgufWriter number(String key, int value) {
        return entry(key, U32, ints(value));
    }

    /// A number, F32.
    public GgufWriter real(String key, float value) {
        return entry(key, F32, ints(Float.floatToRawIntBits(value)));
    }

    /// A flag.
    public GgufWriter flag(String key, boolean value) {
        return entry(key, BOOL, new byte[] {(byte) (value ? 1 : 0)});
    }

    /// A list of texts.
    public GgufWriter texts(String key, List<String> values) {
        ByteArrayOutputStream out = array(STRING, values.size());
        values.forEach(v -> out.writeBytes(string(v)));
        return entry(key, ARRAY, out.toByteArray());
    }

    /// A list of F32.
    public GgufWriter reals(String key, List<Float> values) {
        ByteArrayOutputStream out = array(F32, values.size());
        values.forEach(v -> out.writeBytes(ints(Float.floatToRawIntBits(v))));
        return entry(key, ARRAY, out.toByteArray());
    }

    /// A list of I32.
    public GgufWriter integers(String key, List<Integer> values) {
        ByteArrayOutputStream out = array(I32, values.size());
        values.forEach(v -> out.writeBytes(ints(v)));
        return entry(key, ARRAY, out.toByteArray());
    }

    /// Adds a tensor.
    ///
    /// @param shape the fastest dimension first
    public GgufWriter tensor(String name, Type type, Content content, long... shape) {
        tensors.add(new Tensor(name, Arrays.stream(shape).boxed().toList(), type, content));
        return this;
    }

    /// Writes the file.
    public void write(Path file) throws IOException {
        try (CountingStream out = new CountingStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20))) {
            out.write("GGUF".getBytes(StandardCharsets.US_ASCII));
            out.write(ints(3));
            out.write(longs(tensors.size(), entryCount));
            entries.writeTo(out);
            long offset = 0;
            for (Tensor t : tensors) {
                out.write(string(t.name()));
                out.write(ints(t.shape().size()));
                for (long n : t.shape()) {
                    out.write(longs(n));
                }
                out.write(ints(t.type().code));
                out.write(longs(offset));
                offset += aligned(t.bytes());
            }
            out.align();
            for (Tensor t : tensors) {
                t.content().write(out, t.numbers());
                out.align();
            }
        }
    }

    private GgufWriter entry(String key, int type, byte[] value) {
        entries.writeBytes(string(key));
        entries.writeBytes(ints(type));
        entries.writeBytes(value);
        entryCount++;
        return this;
    }

    private static ByteArrayOutputStream array(int type, int size) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ints(type));
        out.writeBytes(longs(size));
        return out;
    }

    private static byte[] string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(longs(utf8.length));
        out.writeBytes(utf8);
        return out.toByteArray();
    }

    private static byte[] ints(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] longs(long... values) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            buffer.putLong(value);
        }
        return buffer.array();
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static final class CountingStream extends OutputStream {
        private final OutputStream out;
        private long count;

        CountingStream(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            count += length;
        }

        void align() {
            try {
                write(new byte[(int) (aligned(count) - count)]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
