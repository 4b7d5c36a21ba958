package dev.millrace.gguf;

import java.io.IOException;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the descriptions of the tensors and checks that they lie in the file one behind the other. *Confined to one
/// thread.*
final class TensorReader {
    /// Real files have some hundreds; those with each expert apart, some ten thousands.
    private static final int MAX_TENSORS = 1 << 17;

    private static final int MAX_NAME_BYTES = 63;
    private static final int MAX_DIMENSIONS = 4;
    /// Length of the name, one character of it, dimensions, type, offset.
    private static final int LEAST_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;
    /// What llama.cpp wants of the address of a buffer, which in a mapped file is where a tensor begins.
    private static final int MAPPED_ALIGNMENT = 32;

    private static final int MAX_PADDING = 1 << 20;

    private static final Pattern BLOCK = Pattern.compile("blk\\.([0-9]{1,4})\\..*");

    private final GgufInput in;
    private final Map<TensorType, Long> numbersByType = new EnumMap<>(TensorType.class);
    private long bytes;
    private long nextOffset;
    private long end;
    private boolean misaligned;
    private int blocks;
    private boolean attention;

    TensorReader(GgufInput in) {
        this.in = in;
    }

    int readCount() throws IOException {
        return (int) in.readCount("number of tensors", MAX_TENSORS, LEAST_TENSOR_BYTES);
    }

    /// @param names of the tensors of other files of the same model; those of this one are added
    GgufWeights read(int count, int alignment, Set<String> names) throws IOException {
        for (int i = 0; i < count; i++) {
            String name = in.readName("name of tensor " + i, MAX_NAME_BYTES);
            if (!names.add(name)) {
                throw in.damaged("tensor " + GgufInput.printable(name) + " is there twice");
            }
            readTensor(name, alignment);
        }
        checkPlace(count, alignment);
        return weights(count);
    }

    private void readTensor(String name, int alignment) throws IOException {
        String printed = GgufInput.printable(name);
        int dimensions = in.readInt();
        if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
            throw in.damaged("dimensions of tensor " + printed + ": " + Integer.toUnsignedString(dimensions)
                    + " (expected: 0.." + MAX_DIMENSIONS + ")");
        }
        long numbers = 1;
        long row = 1;
        for (int i = 0; i < dimensions; i++) {
            long length = in.readLong();
            // Not 0 either: b4916 divides by it, which ends the process (SIGFPE). Releases from August 2026 on accept
            // empty tensors, for models that make pictures; none that generates text is known to have one.
            if (length < 1 || length > Long.MAX_VALUE / numbers) {
                throw in.damaged("dimension " + i + " of tensor " + printed + ": " + Long.toUnsignedString(length)
                        + " (expected: 1.." + Long.MAX_VALUE / numbers + ")");
            }
            row = i == 0 ? length : row;
            numbers *= length;
        }
        place(printed, readType(printed), row, numbers, alignment);
        Matcher block = BLOCK.matcher(name);
        if (block.matches()) {
            blocks = Math.max(blocks, Integer.parseInt(block.group(1)) + 1);
        }
        attention |= name.contains(".attn_q");
    }

    private TensorType readType(String printed) throws IOException {
        int code = in.readInt();
        TensorType type = TensorType.of(code);
        if (type == null) {
            throw in.damaged("type of tensor " + printed + ": " + Integer.toUnsignedString(code)
                    + " (expected: one that llama.cpp 0.5.0 knows)");
        }
        return type;
    }

    private void place(String printed, TensorType type, long row, long numbers, int alignment) throws IOException {
        if (row % type.blockNumbers() != 0) {
            throw in.damaged("row of tensor " + printed + ": " + row + " numbers (expected: a multiple of "
                    + type.blockNumbers() + ", for " + type + ")");
        }
        long offset = in.readLong();
        if (offset != nextOffset) {
            throw in.damaged("offset of tensor " + printed + ": " + Long.toUnsignedString(offset) + " (expected: "
                    + nextOffset + ")");
        }
        try {
            long size = type.bytes(numbers);
            bytes = Math.addExact(bytes, size);
            end = Math.addExact(offset, size);
            nextOffset = aligned(end, alignment);
        } catch (ArithmeticException e) {
            InvalidGgufException damage = in.damaged("size of tensor " + printed + ": " + numbers + " numbers");
            damage.initCause(e);
            throw damage;
        }
        misaligned |= offset % MAPPED_ALIGNMENT != 0;
        numbersByType.merge(type, numbers, Math::addExact);
    }

    private void checkPlace(int count, int alignment) throws IOException {
        long start = aligned(in.position(), alignment);
        if (end > in.size() - start && count > 0) {
            throw in.cutShort("its tensors need " + Math.addExact(start, Math.min(end, Long.MAX_VALUE - start)));
        }
        // llama.cpp does not look behind the last tensor, and files padded with zeros are about. Anything
        // else says that tensors are missing in the header, or that a download went wrong.
        long behind = in.size() - start - nextOffset;
        if (behind > MAX_PADDING || !in.isZeroFrom(start + nextOffset)) {
            throw in.damaged(
                    behind + " bytes behind the last tensor (expected: none, or at most " + MAX_PADDING + " zeros)");
        }
        if (count > 0 && (misaligned || start % MAPPED_ALIGNMENT != 0)) {
            throw in.damaged("a tensor does not begin at a multiple of " + MAPPED_ALIGNMENT
                    + " bytes, where llama.cpp could map it");
        }
    }

    private static long aligned(long position, int alignment) {
        return Math.addExact(position, alignment - 1L) / alignment * alignment;
    }

    private GgufWeights weights(int count) {
        String main = numbersByType.entrySet().stream()
                .max(Comparator.comparingLong(Map.Entry::getValue))
                .map(e -> e.getKey().name())
                .orElse("");
        long numbers = numbersByType.values().stream().mapToLong(n -> n).sum();
        return new GgufWeights(count, numbers, bytes, main, blocks, attention);
    }
}
