package dev.millrace.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads a header in another way than the reader does and says what of it is unsound: an oracle for what the reader
/// accepts. Sizes are in a table of its own, written apart from the reader's.
final class SecondParser {
    private static final Map<Integer, int[]> SIZES = Map.ofEntries(
            Map.entry(0, new int[] {1, 4}),
            Map.entry(1, new int[] {1, 2}),
            Map.entry(2, new int[] {32, 2 + 16}),
            Map.entry(3, new int[] {32, 2 + 2 + 16}),
            Map.entry(6, new int[] {32, 2 + 4 + 16}),
            Map.entry(7, new int[] {32, 2 + 2 + 4 + 16}),
            Map.entry(8, new int[] {32, 2 + 32}),
            Map.entry(9, new int[] {32, 4 + 32}),
            Map.entry(20, new int[] {32, 2 + 16}),
            Map.entry(24, new int[] {1, 1}),
            Map.entry(25, new int[] {1, 2}),
            Map.entry(26, new int[] {1, 4}),
            Map.entry(27, new int[] {1, 8}),
            Map.entry(28, new int[] {1, 8}),
            Map.entry(30, new int[] {1, 2}),
            Map.entry(39, new int[] {32, 1 + 16}),
            Map.entry(40, new int[] {64, 4 + 32}),
            Map.entry(41, new int[] {128, 2 + 16}),
            Map.entry(42, new int[] {64, 2 + 16}));
    private static final int[] WIDTHS = {1, 1, 2, 2, 4, 4, 4, 1, -1, -1, 8, 8, 8};

    private final ByteBuffer in;
    private final long size;
    private final List<String> faults = new ArrayList<>();
    private final Map<String, Long> lengths = new java.util.HashMap<>();
    private long alignment = 32;

    private SecondParser(byte[] header, long size) {
        this.in = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        this.size = size;
    }

    /// What is unsound; empty if nothing is.
    static List<String> faults(byte[] header, long size) {
        SecondParser parser = new SecondParser(header, size);
        try {
            parser.parse();
        } catch (RuntimeException e) {
            parser.faults.add("the header leads outside: " + e);
        }
        return parser.faults;
    }

    private void parse() {
        check(
                in.getInt()
                        == ByteBuffer.wrap("FUGG".getBytes(StandardCharsets.US_ASCII))
                                .getInt(),
                "magic");
        int version = in.getInt();
        check(version == 2 || version == 3, "version");
        long tensors = in.getLong();
        long entries = in.getLong();
        Set<String> keys = new HashSet<>();
        for (long i = 0; i < entries; i++) {
            String key = text();
            check(!key.isEmpty() && keys.add(key), "key " + key);
            value(key, in.getInt());
        }
        for (String key : List.of("tokenizer.ggml.scores", "tokenizer.ggml.token_type")) {
            long tokens = lengths.getOrDefault("tokenizer.ggml.tokens", 0L);
            long beside = lengths.getOrDefault(key, 0L);
            check(beside == 0 || !lengths.containsKey("tokenizer.ggml.tokens") || beside == tokens, key);
        }
        tensors(tensors);
    }

    private void tensors(long count) {
        List<long[]> ranges = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (long i = 0; i < count; i++) {
            String name = text();
            check(!name.isEmpty() && names.add(name), "tensor " + name);
            check(name.getBytes(StandardCharsets.UTF_8).length < 64, "length of name " + name);
            ranges.add(range(name));
        }
        long start = (in.position() + alignment - 1) / alignment * alignment;
        for (int i = 0; i < ranges.size(); i++) {
            long[] range = ranges.get(i);
            check(range[0] >= 0 && range[0] % alignment == 0, "offset " + range[0]);
            check(range[1] >= range[0] && start + range[1] <= size, "end " + range[1]);
            check(i == 0 || range[0] >= ranges.get(i - 1)[1], "overlap at " + range[0]);
        }
    }

    private long[] range(String name) {
        int dimensions = in.getInt();
        check(dimensions >= 0 && dimensions <= 4, "dimensions of " + name);
        java.math.BigInteger numbers = java.math.BigInteger.ONE;
        long row = 1;
        for (int i = 0; i < dimensions; i++) {
            long length = in.getLong();
            check(length > 0, "dimension of " + name);
            row = i == 0 ? length : row;
            numbers = numbers.multiply(java.math.BigInteger.valueOf(length));
        }
        int type = in.getInt();
        int[] small = SIZES.get(type);
        int[] block = small == null ? new int[] {256, superBlock(type)} : small;
        check(row % block[0] == 0, "row of " + name);
        long bytes = numbers.divide(java.math.BigInteger.valueOf(block[0]))
                .multiply(java.math.BigInteger.valueOf(block[1]))
                .longValueExact();
        long offset = in.getLong();
        return new long[] {offset, Math.addExact(offset, bytes)};
    }

    private int superBlock(int type) {
        return switch (type) {
            case 10 -> 84;
            case 11, 21 -> 110;
            case 12 -> 144;
            case 13 -> 176;
            case 14 -> 210;
            case 15 -> 292;
            case 16, 35 -> 66;
            case 17 -> 74;
            case 18 -> 98;
            case 19 -> 50;
            case 22 -> 82;
            case 23 -> 136;
            case 29 -> 56;
            case 34 -> 54;
            default -> throw new IllegalArgumentException("tensor type " + type);
        };
    }

    private void value(String key, int type) {
        if (type == 8) {
            text();
        } else if (type == 9) {
            int elements = in.getInt();
            long count = in.getLong();
            lengths.put(key, count);
            Set<String> tokens = new HashSet<>();
            for (long i = 0; i < count; i++) {
                check(elements != 9, "list of lists " + key);
                int at = in.position();
                scalar(key, elements);
                if (key.equals("tokenizer.ggml.tokens") && elements == 8) {
                    String token = upToZero(at + Long.BYTES, in.position());
                    check(token.isEmpty() || tokens.add(token), "token " + i + " again");
                }
            }
        } else {
            scalar(key, type);
        }
    }

    private String upToZero(int from, int to) {
        String all = new String(in.array(), from, to - from, StandardCharsets.ISO_8859_1);
        return all.split("\0", 2)[0];
    }

    private void scalar(String key, int type) {
        if (type == 8) {
            text();
            return;
        }
        int at = in.position();
        in.position(at + WIDTHS[type]);
        check(type != 7 || (in.get(at) & ~1) == 0, "flag " + key);
        if (key.equals("general.alignment")) {
            alignment = in.getInt(at);
            check(type == 4 && alignment >= 8 && Long.bitCount(alignment) == 1, "alignment");
        }
    }

    private String text() {
        int length = Math.toIntExact(in.getLong());
        byte[] bytes = new byte[java.util.Objects.checkIndex(length, in.remaining() + 1)];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void check(boolean sound, String what) {
        if (!sound) {
            faults.add(what);
        }
    }
}
