package dev.millrace.testing.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The parts of a GGUF header, each of which may be replaced by what is wrong, put together without any check. Nothing
/// follows the header: the size of the data is in [#dataBytes]. *Confined to one thread.*
public final class RawGguf {
    public static final int U32 = 4;
    public static final int I32 = 5;
    public static final int F32 = 6;
    public static final int BOOL = 7;
    public static final int TEXT = 8;
    public static final int LIST = 9;

    private final List<Entry> entries = new ArrayList<>();
    private final List<Tensor> tensors = new ArrayList<>();
    private byte[] magic = "GGUF".getBytes(StandardCharsets.US_ASCII);
    private int version = 3;
    private long extraEntries;
    private long extraTensors;
    private int alignment = 32;
    private long dataBytes;

    /// An entry; its value as bytes.
    @SuppressWarnings("ArrayRecordComponent")
    public record Entry(byte[] key, int type, byte[] value) {}

    /// The description of a tensor.
    @SuppressWarnings("ArrayRecordComponent")
    public record Tensor(byte[] name, int dimensions, long[] shape, int type, long offset) {}

    /// A small sound model: two tensors and four tokens.
    public static RawGguf sound() {
        RawGguf raw = new RawGguf();
        raw.entry("general.architecture", TEXT, text("llama"))
                .entry("llama.block_count", U32, ints(1))
                .entry("llama.context_length", U32, ints(64))
                .entry("llama.embedding_length", U32, ints(32))
                .entry("llama.attention.head_count", U32, ints(4))
                .entry("llama.attention.head_count_kv", U32, ints(2))
                .entry("tokenizer.ggml.tokens", LIST, texts("a", "b", "", "d"))
                .entry("tokenizer.ggml.scores", LIST, join(ints(F32), longs(4), new byte[16]))
                .entry("tokenizer.ggml.token_type", LIST, join(ints(I32), longs(4), new byte[16]))
                .entry("tokenizer.ggml.bos_token_id", U32, ints(1))
                .entry("tokenizer.ggml.eos_token_id", U32, ints(2))
                .entry("tokenizer.ggml.add_bos_token", BOOL, new byte[] {1})
                .entry("tokenizer.ggml.merges", LIST, texts());
        raw.tensor("token_embd.weight", 8, 0, 32, 4).tensor("blk.0.attn_q.weight", 0, 160, 32, 4);
        raw.dataBytes = 160 + 512;
        return raw;
    }

    public RawGguf magic(String four) {
        magic = four.getBytes(StandardCharsets.ISO_8859_1);
        return this;
    }

    public RawGguf version(int number) {
        version = number;
        return this;
    }

    /// Says so many entries and tensors more than there are.
    public RawGguf miscount(long moreEntries, long moreTensors) {
        extraEntries = moreEntries;
        extraTensors = moreTensors;
        return this;
    }

    /// Where the data begins.
    public RawGguf alignment(int bytes) {
        alignment = bytes;
        return this;
    }

    public RawGguf dataBytes(long bytes) {
        dataBytes = bytes;
        return this;
    }

    public RawGguf entry(String key, int type, byte[] value) {
        entries.removeIf(e -> new String(e.key(), StandardCharsets.UTF_8).equals(key));
        return entryAgain(key.getBytes(StandardCharsets.UTF_8), type, value);
    }

    /// Adds one even if there is one of this name.
    public RawGguf entryAgain(byte[] key, int type, byte[] value) {
        entries.add(new Entry(key, type, value));
        return this;
    }

    public RawGguf without(String key) {
        entries.removeIf(e -> new String(e.key(), StandardCharsets.UTF_8).equals(key));
        return this;
    }

    public RawGguf tensor(String name, int type, long offset, long... shape) {
        return tensor(new Tensor(name.getBytes(StandardCharsets.UTF_8), shape.length, shape, type, offset));
    }

    public RawGguf tensor(Tensor tensor) {
        tensors.add(tensor);
        return this;
    }

    /// Puts another in the place of the second tensor.
    public RawGguf second(Tensor tensor) {
        tensors.set(1, tensor);
        return this;
    }

    public RawGguf noTensors() {
        tensors.clear();
        dataBytes = 0;
        return this;
    }

    /// The header, padded to the start of the data.
    public byte[] header() {
        List<byte[]> parts = new ArrayList<>();
        parts.add(magic);
        parts.add(ints(version));
        parts.add(longs(tensors.size() + extraTensors, entries.size() + extraEntries));
        for (Entry e : entries) {
            parts.add(bytes(e.key()));
            parts.add(ints(e.type()));
            parts.add(e.value());
        }
        for (Tensor t : tensors) {
            parts.add(bytes(t.name()));
            parts.add(ints(t.dimensions()));
            parts.add(longs(t.shape()));
            parts.add(ints(t.type()));
            parts.add(longs(t.offset()));
        }
        byte[] all = join(parts.toArray(byte[][]::new));
        int pad = alignment <= 0 || tensors.isEmpty() ? 0 : (alignment - all.length % alignment) % alignment;
        return join(all, new byte[pad]);
    }

    /// Length of the whole file.
    public long size() {
        return header().length + dataBytes;
    }

    public static byte[] text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] bytes(byte[] content) {
        return join(longs(content.length), content);
    }

    public static byte[] texts(String... texts) {
        List<byte[]> parts = new ArrayList<>(List.of(ints(TEXT), longs(texts.length)));
        for (String text : texts) {
            parts.add(text(text));
        }
        return join(parts.toArray(byte[][]::new));
    }

    public static byte[] ints(int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            buffer.putInt(value);
        }
        return buffer.array();
    }

    public static byte[] longs(long... values) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            buffer.putLong(value);
        }
        return buffer.array();
    }

    public static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
