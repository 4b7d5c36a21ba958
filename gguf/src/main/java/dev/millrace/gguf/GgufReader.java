package dev.millrace.gguf;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// Reads the header of a model file and checks all of it: nothing that passes points outside the file, and nothing in
/// it is known to make llama.cpp misbehave. What is semantically wrong in other ways is left to the worker process.
///
/// Bounded: a window of 64 KiB is in memory, and at most 16 MiB of names, texts and short lists; tokens are passed
/// over. A header has at most [#MAX_HEADER_BYTES]; the largest of known models have about 20 MB. *Thread-safe.*
public final class GgufReader {
    /// Longest header.
    public static final int MAX_HEADER_BYTES = 128 << 20;

    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final int MIN_VERSION = 2;
    private static final int MAX_VERSION = 3;
    private static final String ALIGNMENT = "general.alignment";
    private static final int DEFAULT_ALIGNMENT = 32;
    // The format's description wants a multiple of 8; llama.cpp takes any power of two, but cannot map what
    // is not aligned to 32 bytes. Writers use 32, a few use pages, of at most 64 KiB; with more than 1 MiB
    // padding would outgrow models.
    private static final int MIN_ALIGNMENT = 8;
    private static final int MAX_ALIGNMENT = 1 << 20;

    private GgufReader() {}

    /// Reads and checks a file: when this returns, every count, length, offset and size in it is sound.
    ///
    /// @throws InvalidGgufException if it is not a sound GGUF file
    /// @throws IOException if it cannot be read
    public static GgufFile read(Path file) throws IOException {
        return read(file, new HashSet<>());
    }

    /// Reads and checks a model that may be split into several files.
    ///
    /// @param first the only file of the model, or the first of several named `NAME-00001-of-00003.gguf`
    /// @throws InvalidGgufException if one of them is not sound or missing, or they do not belong together
    /// @throws IOException if one cannot be read
    public static GgufModel readModel(Path first) throws IOException {
        return Shards.read(first);
    }

    /// @param names of the tensors of other files of the same model
    static GgufFile read(Path file, Set<String> names) throws IOException {
        if (!Files.exists(file)) {
            throw new InvalidGgufException("no such file: " + file);
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new InvalidGgufException("not a readable file: " + file);
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return read(new GgufInput(file, GgufInput.Source.of(channel)), names);
        }
    }

    static GgufFile read(GgufInput in, Set<String> names) throws IOException {
        checkVersion(in);
        TensorReader tensors = new TensorReader(in);
        EntryReader entries = new EntryReader(in);
        int tensorCount = tensors.readCount();
        GgufMetadata metadata = entries.read(entries.readCount());
        GgufWeights weights = tensors.read(tensorCount, alignment(in, metadata), names);
        GgufFile file = new GgufFile(in.file(), Summaries.of(metadata, weights, in.size()), metadata, weights);
        ModelRules.check(file, in);
        return file;
    }

    private static void checkVersion(GgufInput in) throws IOException {
        byte[] beginning = in.first(8);
        if (beginning.length == 0) {
            throw new InvalidGgufException("not a GGUF file: " + in.file() + " begins with nothing, it is empty");
        }
        if (beginning.length < 4 || in.readInt() != MAGIC) {
            String printed = GgufInput.printable(new String(beginning, StandardCharsets.ISO_8859_1));
            throw new InvalidGgufException("not a GGUF file: " + in.file() + " begins with " + printed
                    + " (expected: GGUF); only models in the GGUF format can be served");
        }
        int version = in.readInt();
        if (version != 0 && (version & 0xffff) == 0) {
            throw new InvalidGgufException(
                    "big-endian GGUF file: " + in.file() + " was made for another kind of machine");
        }
        if (version < MIN_VERSION || version > MAX_VERSION) {
            throw new InvalidGgufException("GGUF version: " + Integer.toUnsignedString(version) + " (expected: "
                    + MIN_VERSION + ".." + MAX_VERSION + ") in " + in.file());
        }
    }

    private static int alignment(GgufInput in, GgufMetadata metadata) throws InvalidGgufException {
        GgufMetadata.Value value = metadata.value(ALIGNMENT);
        if (value == null) {
            return DEFAULT_ALIGNMENT;
        }
        if (!(value instanceof GgufMetadata.Value.Scalar scalar) || scalar.type() != ValueType.U32) {
            throw in.damaged(ALIGNMENT + " is no 32-bit number");
        }
        long alignment = scalar.bits();
        if (alignment < MIN_ALIGNMENT || alignment > MAX_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw in.damaged(ALIGNMENT + ": " + alignment + " (expected: a power of two, " + MIN_ALIGNMENT + ".."
                    + MAX_ALIGNMENT + ")");
        }
        return (int) alignment;
    }
}
