package dev.millrace.testing.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/// Damaged GGUF files from seeds: the same file for the same seed. *Immutable.*
public final class GgufMutations {
    private static final long[] HUGE = {
        -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 62, 1L << 61, 1L << 40, (1L << 32) + 1, 0xffff_ffffL
    };

    private final byte[] header;
    private final long dataBytes;

    /// What is done to a file. All but the last leave one that is invalid, whatever the seed.
    public enum Kind {
        MAGIC,
        VERSION,
        ENTRY_COUNT,
        TENSOR_COUNT,
        KEY,
        DUPLICATE_KEY,
        ENTRY_TYPE,
        TEXT_LENGTH,
        LIST,
        FLAG,
        ALIGNMENT,
        TENSOR_NAME,
        DUPLICATE_TENSOR,
        SHAPE,
        TENSOR_TYPE,
        OFFSET,
        DATA_LENGTH,
        VOCABULARY,
        HYPERPARAMETER,
        TRUNCATION,
        /// Bytes or numbers of a real header replaced at random: many of these are still sound.
        BYTES
    }

    /// A file: its header, and the length of all of it.
    @SuppressWarnings("ArrayRecordComponent")
    public record Mutant(Kind kind, byte[] header, long size) {
        /// All of it, with anything but zeros for data.
        public byte[] content() {
            byte[] content = new byte[Math.toIntExact(size)];
            Arrays.fill(content, (byte) 'x');
            System.arraycopy(header, 0, content, 0, (int) Math.min(header.length, size));
            return content;
        }
    }

    /// @param header of a sound file
    /// @param dataBytes what follows it
    public GgufMutations(byte[] header, long dataBytes) {
        this.header = header.clone();
        this.dataBytes = dataBytes;
    }

    /// The file of a seed; kinds take turns.
    public Mutant of(long seed) {
        Kind[] kinds = Kind.values();
        return of(kinds[(int) Math.floorMod(seed, (long) kinds.length)], seed);
    }

    /// The file of a kind and seed.
    public Mutant of(Kind kind, long seed) {
        Random random = new Random(seed * 0x9E37_79B9_7F4A_7C15L + kind.name().hashCode());
        if (kind == Kind.TRUNCATION) {
            return new Mutant(kind, header, random.nextInt(header.length));
        }
        if (kind == Kind.BYTES) {
            return new Mutant(kind, scratched(random), header.length + dataBytes);
        }
        RawGguf raw = mutate(kind, RawGguf.sound(), random);
        return new Mutant(kind, raw.header(), raw.size());
    }

    private byte[] scratched(Random random) {
        byte[] damaged = header.clone();
        ByteBuffer buffer = ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            // Where the counts, the entries and the tensors are: the middle is only tokens.
            int at = switch (random.nextInt(4)) {
                case 0 -> random.nextInt(64);
                case 1 -> random.nextInt(1024);
                case 2 -> damaged.length - 1 - random.nextInt(4096);
                default -> random.nextInt(damaged.length);
            };
            if (random.nextBoolean() || at > damaged.length - 8) {
                damaged[at] = (byte) random.nextInt(256);
            } else {
                buffer.putLong(at, random.nextBoolean() ? huge(random) : random.nextInt(300));
            }
        }
        return damaged;
    }

    private static long huge(Random random) {
        return HUGE[random.nextInt(HUGE.length)];
    }

    private static RawGguf mutate(Kind kind, RawGguf raw, Random random) {
        return switch (kind) {
            case MAGIC -> raw.magic(word(random, 4).toLowerCase(java.util.Locale.ROOT));
            case VERSION -> raw.version(random.nextBoolean() ? random.nextInt(2) : 4 + random.nextInt(1 << 30));
            case ENTRY_COUNT -> raw.miscount(random.nextBoolean() ? huge(random) - 13 : 1 + random.nextInt(1000), 0);
            case TENSOR_COUNT -> raw.miscount(0, tensorMiscount(random));
            case KEY -> badKey(raw, random);
            case DUPLICATE_KEY -> raw.entryAgain(utf8("llama.block_count"), RawGguf.U32, RawGguf.ints(1));
            case ENTRY_TYPE -> raw.entry("some.key", 13 + random.nextInt(Integer.MAX_VALUE - 13), new byte[16]);
            case TEXT_LENGTH -> raw.entry("some.key", RawGguf.TEXT, RawGguf.longs(huge(random)));
            case LIST -> badList(raw, random);
            case FLAG -> raw.entry("some.key", RawGguf.BOOL, new byte[] {(byte) (2 + random.nextInt(254))});
            case ALIGNMENT -> badAlignment(raw, random);
            case TENSOR_NAME -> raw.second(named(badName(random)));
            case DUPLICATE_TENSOR -> raw.second(named(utf8("token_embd.weight")));
            case SHAPE -> raw.second(badShape(random));
            case TENSOR_TYPE -> raw.second(typed(badTensorType(random)));
            case OFFSET -> raw.second(placed(random));
            case DATA_LENGTH ->
                raw.dataBytes(random.nextBoolean() ? random.nextInt(672) : 673 + random.nextInt(1 << 20));
            case VOCABULARY -> badVocabulary(raw, random);
            case HYPERPARAMETER -> badHyperparameter(raw, random);
            case TRUNCATION, BYTES -> throw new IllegalArgumentException(kind + " (expected: a structured one)");
        };
    }

    private static long tensorMiscount(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> -1 - random.nextInt(2);
            case 1 -> 1 + random.nextInt(1000);
            default -> huge(random) - 2;
        };
    }

    private static RawGguf badKey(RawGguf raw, Random random) {
        byte[] key = switch (random.nextInt(4)) {
            case 0 -> new byte[0];
            case 1 -> new byte[] {'a', (byte) 0xff, 'b'};
            case 2 -> new byte[] {'a', (byte) random.nextInt(0x20)};
            default -> word(random, 65_536).getBytes(StandardCharsets.US_ASCII);
        };
        return raw.entryAgain(key, RawGguf.U32, RawGguf.ints(1));
    }

    private static RawGguf badList(RawGguf raw, Random random) {
        byte[] list = switch (random.nextInt(4)) {
            case 0 -> RawGguf.join(RawGguf.ints(RawGguf.LIST), RawGguf.longs(1), RawGguf.texts("a"));
            case 1 -> RawGguf.join(RawGguf.ints(13 + random.nextInt(1000)), RawGguf.longs(1), new byte[8]);
            case 2 -> RawGguf.join(RawGguf.ints(random.nextInt(13)), RawGguf.longs(huge(random)));
            default -> RawGguf.join(RawGguf.ints(RawGguf.TEXT), RawGguf.longs(1), RawGguf.longs(huge(random)));
        };
        return raw.entry("some.key", RawGguf.LIST, list);
    }

    private static RawGguf badAlignment(RawGguf raw, Random random) {
        if (random.nextInt(4) == 0) {
            return raw.entry("general.alignment", RawGguf.TEXT, RawGguf.text("32"));
        }
        int alignment = switch (random.nextInt(3)) {
            case 0 -> random.nextInt(8);
            case 1 -> (1 << (3 + random.nextInt(20))) + 1 + random.nextInt(7);
            default -> 1 << (21 + random.nextInt(11));
        };
        return raw.entry("general.alignment", RawGguf.U32, RawGguf.ints(alignment));
    }

    private static RawGguf.Tensor named(byte[] name) {
        return new RawGguf.Tensor(name, 2, new long[] {32, 4}, 0, 160);
    }

    private static byte[] badName(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> new byte[0];
            case 1 -> new byte[] {'a', (byte) 0xc0};
            case 2 -> new byte[] {'a', 0, 'b'};
            default -> utf8(word(random, 64 + random.nextInt(1000)));
        };
    }

    private static RawGguf.Tensor badShape(Random random) {
        long[] shape = switch (random.nextInt(5)) {
            case 0 -> new long[] {32, 4, 1, 1, 1};
            case 1 -> new long[] {32, random.nextBoolean() ? 0 : -1 - random.nextInt(100)};
            case 2 -> new long[] {1L << 32, 1L << 32};
            case 3 -> new long[] {32, huge(random)};
            default -> new long[] {32, 5 + random.nextInt(1 << 20)};
        };
        int dimensions = shape.length == 5 ? 5 + random.nextInt(Integer.MAX_VALUE - 5) : shape.length;
        return new RawGguf.Tensor(utf8("blk.0.attn_q.weight"), dimensions, shape, 0, 160);
    }

    private static int badTensorType(Random random) {
        int[] removed = {4, 5, 31, 32, 33, 36, 37, 38, -1, 14};
        return random.nextBoolean() ? removed[random.nextInt(removed.length)] : 43 + random.nextInt(1 << 30);
    }

    private static RawGguf.Tensor typed(int type) {
        return new RawGguf.Tensor(utf8("blk.0.attn_q.weight"), 2, new long[] {32, 4}, type, 160);
    }

    private static RawGguf.Tensor placed(Random random) {
        long offset = random.nextBoolean() ? huge(random) : random.nextInt(160);
        return new RawGguf.Tensor(utf8("blk.0.attn_q.weight"), 2, new long[] {32, 4}, 0, offset);
    }

    private static RawGguf badVocabulary(RawGguf raw, Random random) {
        int other = 5 + random.nextInt(100);
        return switch (random.nextInt(6)) {
            case 0 -> raw.entry("tokenizer.ggml.scores", RawGguf.LIST, zeros(RawGguf.F32, other));
            case 1 -> raw.entry("tokenizer.ggml.token_type", RawGguf.LIST, zeros(RawGguf.I32, 1 + random.nextInt(3)));
            case 2 -> raw.entry("tokenizer.ggml.token_type", RawGguf.LIST, zeros(RawGguf.F32, 4));
            case 3 -> raw.entry("tokenizer.ggml.eos_token_id", RawGguf.U32, RawGguf.ints(other));
            case 4 -> raw.entry("tokenizer.ggml.tokens", RawGguf.TEXT, RawGguf.text("a"));
            default -> raw.entry("tokenizer.ggml.tokens", RawGguf.LIST, RawGguf.texts("a", "b", "a\0c", "d"));
        };
    }

    private static byte[] zeros(int type, int count) {
        return RawGguf.join(RawGguf.ints(type), RawGguf.longs(count), new byte[4 * count]);
    }

    private static RawGguf badHyperparameter(RawGguf raw, Random random) {
        return switch (random.nextInt(7)) {
            case 0 -> raw.without("general.architecture");
            case 1 -> number(raw, "block_count", random.nextBoolean() ? 0 : 513 + random.nextInt(1 << 30));
            case 2 -> number(raw, "context_length", random.nextBoolean() ? 0 : -1 - random.nextInt(100));
            case 3 -> number(raw, "attention.head_count", 0);
            case 4 -> number(raw, "attention.head_count", 5);
            case 5 -> number(raw, "attention.head_count_kv", 3);
            default -> number(raw, "expert_used_count", 1 + random.nextInt(100));
        };
    }

    private static RawGguf number(RawGguf raw, String key, int value) {
        return raw.entry("llama." + key, RawGguf.U32, RawGguf.ints(value));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String word(Random random, int length) {
        StringBuilder word = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            word.append((char) ('a' + random.nextInt(26)));
        }
        return word.toString();
    }
}
