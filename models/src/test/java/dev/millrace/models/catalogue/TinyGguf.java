package dev.millrace.models.catalogue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Sound GGUF files of a few hundred bytes: one tensor of 32 numbers, and what a catalogue shows.
/// *Immutable.*
public record TinyGguf(String architecture, String name, int shard, int shards) {
    private static final int U16 = 2;
    private static final int U32 = 4;
    private static final int STRING = 8;
    private static final int ALIGNMENT = 32;
    private static final int NUMBERS = 32;

    /// A model in one file.
    public static TinyGguf named(String name) {
        return new TinyGguf("llama", name, 0, 1);
    }

    public TinyGguf ofArchitecture(String other) {
        return new TinyGguf(other, name, shard, shards);
    }

    /// One file of several.
    public TinyGguf part(int index, int count) {
        return new TinyGguf(architecture, name, index, count);
    }

    /// Writes the file and the folders above it.
    public Path writeTo(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            return Files.write(file, bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] bytes() {
        ByteArrayOutputStream entries = new ByteArrayOutputStream();
        int count = 4;
        text(entries, "general.architecture", architecture);
        text(entries, "general.name", name);
        text(entries, "tokenizer.chat_template", "{{ messages }}\n{# second line #}");
        number(entries, architecture + ".context_length", 2048);
        if (shards > 1) {
            small(entries, "split.no", shard);
            small(entries, "split.count", shards);
            count += 2;
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(ints(3));
        file.writeBytes(longs(1));
        file.writeBytes(longs(count));
        file.writeBytes(entries.toByteArray());
        file.writeBytes(string("blk." + shard + ".weight"));
        file.writeBytes(ints(1));
        file.writeBytes(longs(NUMBERS));
        file.writeBytes(ints(0));
        file.writeBytes(longs(0));
        file.writeBytes(new byte[(ALIGNMENT - file.size() % ALIGNMENT) % ALIGNMENT]);
        file.writeBytes(new byte[NUMBERS * Float.BYTES]);
        return file.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String key, String value) {
        out.writeBytes(string(key));
        out.writeBytes(ints(STRING));
        out.writeBytes(string(value));
    }

    private static void number(ByteArrayOutputStream out, String key, int value) {
        out.writeBytes(string(key));
        out.writeBytes(ints(U32));
        out.writeBytes(ints(value));
    }

    private static void small(ByteArrayOutputStream out, String key, int value) {
        out.writeBytes(string(key));
        out.writeBytes(ints(U16));
        out.writeBytes(new byte[] {(byte) value, 0});
    }

    private static byte[] string(String value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(longs(utf8.length));
        out.writeBytes(utf8);
        return out.toByteArray();
    }

    private static byte[] ints(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] longs(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }
}
