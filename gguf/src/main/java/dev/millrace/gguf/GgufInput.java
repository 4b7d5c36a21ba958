package dev.millrace.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Reads a header from its start through a small window, and says what is wrong with it. No more than
/// [GgufReader#MAX_HEADER_BYTES] are read, no more than [#MAX_KEPT_BYTES] are handed out to be kept.
/// *Confined to one thread.*
final class GgufInput {
    /// Names, texts and numbers that are kept in memory, all together.
    static final int MAX_KEPT_BYTES = 16 << 20;

    private static final int WINDOW = 1 << 16;
    private static final int PADDING_BYTES = 4096;
    private static final int MAX_PRINTED = 80;

    private final Path file;
    private final Source source;
    private final long size;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW).order(ByteOrder.LITTLE_ENDIAN);
    private long windowStart;
    private int kept;

    /// Where the bytes are.
    interface Source {
        long size() throws IOException;

        /// As [FileChannel#read(ByteBuffer, long)].
        int read(ByteBuffer to, long position) throws IOException;

        static Source of(FileChannel channel) {
            return new Source() {
                @Override
                public long size() throws IOException {
                    return channel.size();
                }

                @Override
                public int read(ByteBuffer to, long position) throws IOException {
                    return channel.read(to, position);
                }
            };
        }
    }

    GgufInput(Path file, Source source) throws IOException {
        this.file = file;
        this.source = source;
        this.size = source.size();
        window.limit(0);
    }

    Path file() {
        return file;
    }

    long size() {
        return size;
    }

    long position() {
        return windowStart + window.position();
    }

    long remaining() {
        return size - position();
    }

    /// The first bytes, as many as there are.
    byte[] first(int most) throws IOException {
        int count = (int) Math.min(most, size);
        ensure(count);
        byte[] bytes = new byte[count];
        window.get(window.position(), bytes);
        return bytes;
    }

    byte readByte() throws IOException {
        ensure(1);
        return window.get();
    }

    /// @param count at most 64 KiB
    void readBytes(byte[] to, int count) throws IOException {
        ensure(count);
        window.get(to, 0, count);
    }

    short readShort() throws IOException {
        ensure(2);
        return window.getShort();
    }

    int readInt() throws IOException {
        ensure(4);
        return window.getInt();
    }

    long readLong() throws IOException {
        ensure(8);
        return window.getLong();
    }

    /// A number of things that take at least some bytes each, in the rest of the file.
    long readCount(String what, long max, int leastBytes) throws IOException {
        long count = readLong();
        if (count < 0 || count > max) {
            throw damaged(what + ": " + Long.toUnsignedString(count) + " (expected: 0.." + max + ")");
        }
        if (count > remaining() / leastBytes) {
            throw cutShort(what + " " + count + " does not fit into the " + remaining() + " bytes that follow");
        }
        return count;
    }

    /// A name, which is not empty, has no control characters and counts as kept.
    String readName(String what, int maxBytes) throws IOException {
        int length = (int) readCount("length of " + what, maxBytes, 1);
        if (length == 0) {
            throw damaged(what + " is empty");
        }
        if (!keep(length)) {
            throw damaged("names of more than " + MAX_KEPT_BYTES + " bytes");
        }
        String name = readText(what, length);
        if (name.chars().anyMatch(c -> c < 0x20 || c == 0x7f)) {
            throw damaged(what + " has control characters: " + printable(name));
        }
        return name;
    }

    String readText(String what, int length) throws IOException {
        byte[] bytes = new byte[length];
        for (int done = 0; done < length; ) {
            int step = Math.min(WINDOW, length - done);
            ensure(step);
            window.get(bytes, done, step);
            done += step;
        }
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return text.toString();
        } catch (CharacterCodingException e) {
            InvalidGgufException damage = damaged(what + " is not UTF-8");
            damage.initCause(e);
            throw damage;
        }
    }

    /// Whether so much more may be kept.
    boolean keep(int bytes) {
        if (bytes > MAX_KEPT_BYTES - kept) {
            return false;
        }
        kept += bytes;
        return true;
    }

    void skip(long count) throws IOException {
        if (count <= window.remaining()) {
            window.position(window.position() + (int) count);
            return;
        }
        if (count > remaining()) {
            throw cutShort("its header goes on");
        }
        windowStart = position() + count;
        window.position(0).limit(0);
        checkLength(0);
    }

    /// Whether there is nothing but zeros from a position to the end; reads all of them.
    boolean isZeroFrom(long position) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(PADDING_BYTES);
        for (long at = position; at < size; at += bytes.position()) {
            if (source.read(bytes.clear(), at) <= 0) {
                throw cutShort("it became shorter while it was read");
            }
            for (int i = 0; i < bytes.position(); i++) {
                if (bytes.get(i) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private void ensure(int count) throws IOException {
        if (window.remaining() >= count) {
            return;
        }
        if (count > remaining()) {
            throw cutShort("its header goes on");
        }
        checkLength(count);
        windowStart = position();
        window.compact();
        while (window.position() < count) {
            if (source.read(window, windowStart + window.position()) < 0) {
                window.flip();
                throw cutShort("it became shorter while it was read");
            }
        }
        window.flip();
    }

    private void checkLength(int more) throws InvalidGgufException {
        if (position() + more > GgufReader.MAX_HEADER_BYTES) {
            throw damaged("header of more than " + GgufReader.MAX_HEADER_BYTES + " bytes");
        }
    }

    InvalidGgufException damaged(String what) {
        return new InvalidGgufException("damaged GGUF file: " + what + ", in " + file);
    }

    InvalidGgufException cutShort(String why) {
        return new InvalidGgufException(
                "GGUF file cut short: " + file + " has " + size + " bytes, and " + why + "; download it again");
    }

    /// A text from a file, for a message.
    static String printable(String text) {
        String cut = text.length() > MAX_PRINTED ? text.substring(0, MAX_PRINTED) + "..." : text;
        return "'" + cut.replaceAll("[^\\x20-\\x7e]", "?") + "'";
    }
}
