package dev.millrace.llama;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Looks at the first bytes of a model file before native code does.
final class GgufHeader {
    private static final int BYTES = 24;
    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final int MAX_VERSION = 3;
    private static final long MAX_ENTRIES = 1 << 20;

    private GgufHeader() {}

    /// @throws ModelLoadException if the file is no model file that could be loaded
    static void check(Path file) throws ModelLoadException {
        if (!Files.exists(file)) {
            throw new ModelLoadException("no such file: " + file);
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new ModelLoadException("not a readable file: " + file);
        }
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer header = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
            while (header.hasRemaining() && channel.read(header) >= 0) {
                // until it is full
            }
            check(file, header.flip(), channel.size());
        } catch (ModelLoadException e) {
            throw e;
        } catch (IOException e) {
            throw new ModelLoadException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static void check(Path file, ByteBuffer header, long size) throws ModelLoadException {
        if (header.limit() < 4 || header.getInt(0) != MAGIC) {
            throw new ModelLoadException("not a GGUF file: " + file + " begins with " + beginning(header)
                    + " (expected: GGUF); only models in the GGUF format can be served");
        }
        if (header.limit() < BYTES) {
            throw new ModelLoadException("GGUF file cut short: " + file + " has " + size + " bytes");
        }
        int version = header.getInt(4);
        if (Integer.reverseBytes(version) <= MAX_VERSION && version > MAX_VERSION) {
            throw new ModelLoadException("big-endian GGUF file: " + file + " was made for another kind of machine");
        }
        if (version < 2 || version > MAX_VERSION) {
            throw new ModelLoadException("GGUF version: " + version + " (expected: 2..3) in " + file);
        }
        long tensors = header.getLong(8);
        long entries = header.getLong(16);
        if (tensors < 1 || tensors > MAX_ENTRIES || entries < 1 || entries > MAX_ENTRIES) {
            throw new ModelLoadException(
                    "damaged GGUF file: " + file + " claims " + tensors + " tensors and " + entries + " entries");
        }
    }

    private static String beginning(ByteBuffer header) {
        if (header.limit() == 0) {
            return "nothing, it is empty";
        }
        byte[] first = new byte[Math.min(8, header.limit())];
        header.get(0, first);
        String text = new String(first, StandardCharsets.ISO_8859_1);
        return "'" + text.replaceAll("[^\\x20-\\x7e]", "?") + "'";
    }
}
