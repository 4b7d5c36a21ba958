package dev.millrace.llama;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Checks a model file before native code maps it: that it is one, and that every tensor it names lies inside it. A
/// file that was cut short would otherwise end the process at the first touch of a missing page.
///
/// Bounded: counts, lengths and nesting have limits, and nothing but the header is read.
final class GgufHeader {
    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final int MAX_VERSION = 3;
    private static final long MAX_TENSORS = 1 << 17;
    private static final long MAX_ENTRIES = 1 << 16;
    private static final int MAX_DIMENSIONS = 4;
    private static final int MAX_KEY_BYTES = 1 << 16;
    private static final long MAX_ARRAY = 1 << 26;

    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int[] VALUE_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private final Path file;
    private final GgufInput in;

    private GgufHeader(Path file, GgufInput in) {
        this.file = file;
        this.in = in;
    }

    /// @throws ModelLoadException if the file is no model file that could be loaded
    static void check(Path file) throws ModelLoadException {
        if (!Files.exists(file)) {
            throw new ModelLoadException("no such file: " + file);
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new ModelLoadException("not a readable file: " + file);
        }
        try (FileChannel channel = FileChannel.open(file)) {
            GgufInput in = new GgufInput(channel);
            try {
                new GgufHeader(file, in).check();
            } catch (GgufInput.EndException e) {
                throw new ModelLoadException("GGUF file cut short: " + file + " has " + in.size() + " bytes", e);
            }
        } catch (ModelLoadException e) {
            throw e;
        } catch (IOException e) {
            throw new ModelLoadException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private void check() throws IOException {
        byte[] beginning = in.first(8);
        if (beginning.length < 4 || in.readInt() != MAGIC) {
            throw new ModelLoadException("not a GGUF file: " + file + " begins with " + printable(beginning)
                    + " (expected: GGUF); only models in the GGUF format can be served");
        }
        int version = in.readInt();
        if (version > MAX_VERSION && Integer.reverseBytes(version) <= MAX_VERSION) {
            throw new ModelLoadException("big-endian GGUF file: " + file + " was made for another kind of machine");
        }
        if (version < 2 || version > MAX_VERSION) {
            throw new ModelLoadException("GGUF version: " + version + " (expected: 2..3) in " + file);
        }
        long tensors = limited("number of tensors", in.readLong(), MAX_TENSORS);
        long entries = limited("number of entries", in.readLong(), MAX_ENTRIES);
        long alignment = 32;
        String architecture = "";
        String purpose = "";
        for (long i = 0; i < entries; i++) {
            String key = key();
            int type = in.readInt();
            if (key.equals("general.alignment") && type == 4) {
                alignment = limited(key, Integer.toUnsignedLong(in.readInt()), 1 << 20);
            } else if (key.equals("general.architecture") && type == STRING) {
                architecture = text(key);
            } else if (key.equals("general.type") && type == STRING) {
                purpose = text(key);
            } else {
                skipValue(type, key);
            }
        }
        String whyNot = FilePurpose.whyNot(architecture, purpose);
        if (whyNot != null) {
            throw new ModelLoadException(file + " cannot be served: " + whyNot);
        }
        if (alignment < 1 || Long.bitCount(alignment) != 1) {
            throw damaged("alignment", alignment);
        }
        long needed = 0;
        for (long i = 0; i < tensors; i++) {
            needed = Math.max(needed, tensorEnd());
        }
        long dataStart = (in.position() + alignment - 1) / alignment * alignment;
        if (needed > in.size() - dataStart) {
            throw new ModelLoadException("GGUF file cut short: " + file + " has " + in.size() + " bytes (expected: "
                    + (dataStart + needed) + " or more); download it again");
        }
    }

    private String key() throws IOException {
        return text("a name");
    }

    private String text(String what) throws IOException {
        return new String(
                in.readBytes((int) limited("length of " + what, in.readLong(), MAX_KEY_BYTES)), StandardCharsets.UTF_8);
    }

    private void skipValue(int type, String key) throws IOException {
        if (type == STRING) {
            in.skip(limited("length of " + key, in.readLong(), in.size()));
        } else if (type == ARRAY) {
            skipArray(key);
        } else {
            in.skip(valueBytes(type, key));
        }
    }

    private void skipArray(String key) throws IOException {
        int type = in.readInt();
        long count = limited("length of " + key, in.readLong(), MAX_ARRAY);
        if (type == STRING) {
            for (long i = 0; i < count; i++) {
                in.skip(limited("length of text in " + key, in.readLong(), in.size()));
            }
        } else {
            in.skip(count * valueBytes(type, key));
        }
    }

    private int valueBytes(int type, String key) throws ModelLoadException {
        if (type < 0 || type >= VALUE_BYTES.length || VALUE_BYTES[type] == 0) {
            throw damaged("type of " + key, type);
        }
        return VALUE_BYTES[type];
    }

    /// Where the tensor described next ends, counted from the start of the data.
    private long tensorEnd() throws IOException {
        String name = key();
        int dimensions = in.readInt();
        limited("dimensions of " + name, dimensions, MAX_DIMENSIONS);
        long numbers = 1;
        for (int i = 0; i < dimensions; i++) {
            long dimension = limited("dimension of " + name, in.readLong(), Integer.MAX_VALUE);
            if (dimension != 0 && numbers > Long.MAX_VALUE / 64 / dimension) {
                throw damaged("dimension of " + name, dimension);
            }
            numbers *= dimension;
        }
        long bytes = GgufType.bytes(in.readInt(), numbers);
        return limited("offset of " + name, in.readLong(), in.size()) + bytes;
    }

    private long limited(String what, long value, long max) throws ModelLoadException {
        if (value < 0 || value > max) {
            throw damaged(what, value);
        }
        return value;
    }

    private ModelLoadException damaged(String what, long value) {
        return new ModelLoadException("damaged GGUF file: " + what + " is " + value + " in " + file);
    }

    private static String printable(byte[] beginning) {
        if (beginning.length == 0) {
            return "nothing, it is empty";
        }
        String text = new String(beginning, StandardCharsets.ISO_8859_1);
        return "'" + text.replaceAll("[^\\x20-\\x7e]", "?") + "'";
    }
}
