package dev.millrace.gguf;

import dev.millrace.gguf.GgufMetadata.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads the entries of a header. *Confined to one thread.*
final class EntryReader {
    /// Real files have some dozens.
    private static final int MAX_ENTRIES = 1 << 16;

    private static final int MAX_KEY_BYTES = (1 << 16) - 1;
    private static final int MAX_KEPT_TEXT_BYTES = 1 << 20;
    private static final int MAX_KEPT_NUMBERS = 1024;
    private static final int KEPT_NUMBER_BYTES = 24;
    private static final String TOKENS = GgufInput.printable(TokenTexts.KEY);
    /// Length of the key, one character of it, type, one byte of value.
    private static final int LEAST_ENTRY_BYTES = 8 + 1 + 4 + 1;

    private final GgufInput in;

    EntryReader(GgufInput in) {
        this.in = in;
    }

    /// Their number, which stands before the entries.
    int readCount() throws IOException {
        return (int) in.readCount("number of entries", MAX_ENTRIES, LEAST_ENTRY_BYTES);
    }

    GgufMetadata read(int count) throws IOException {
        Map<String, Value> values = new HashMap<>();
        for (int i = 0; i < count; i++) {
            String key = in.readName("name of entry " + i, MAX_KEY_BYTES);
            String printed = GgufInput.printable(key);
            if (values.containsKey(key)) {
                throw in.damaged("entry " + printed + " is there twice");
            }
            values.put(key, readValue(printed));
        }
        return new GgufMetadata(values);
    }

    private Value readValue(String key) throws IOException {
        ValueType type = readType("type of " + key);
        return switch (type) {
            case TEXT -> readText(key);
            case LIST -> readList(key);
            case U8, I8, U16, I16, U32, I32, F32, BOOL, U64, I64, F64 -> new Value.Scalar(type, readScalar(type, key));
        };
    }

    private ValueType readType(String what) throws IOException {
        int code = in.readInt();
        ValueType type = ValueType.of(code);
        if (type == null) {
            throw in.damaged(what + ": " + Integer.toUnsignedString(code) + " (expected: 0..12)");
        }
        return type;
    }

    private Value readText(String key) throws IOException {
        long length = in.readCount("length of " + key, GgufReader.MAX_HEADER_BYTES, 1);
        // Some files carry the tokenizer's own file as one text, of tens of megabytes.
        if (length > MAX_KEPT_TEXT_BYTES || !in.keep((int) length)) {
            in.skip(length);
            return new Value.Text(null);
        }
        return new Value.Text(in.readText(key, (int) length));
    }

    private long readScalar(ValueType type, String key) throws IOException {
        return switch (type) {
            case U8 -> in.readByte() & 0xffL;
            case I8 -> in.readByte();
            case U16 -> in.readShort() & 0xffffL;
            case I16 -> in.readShort();
            case U32 -> Integer.toUnsignedLong(in.readInt());
            case I32 -> in.readInt();
            case F32 -> Double.doubleToRawLongBits(Float.intBitsToFloat(in.readInt()));
            case BOOL -> readFlag(key);
            case U64, I64, F64 -> in.readLong();
            case TEXT, LIST -> throw new IllegalArgumentException(type + " (expected: a scalar)");
        };
    }

    private long readFlag(String key) throws IOException {
        byte flag = in.readByte();
        if (flag != 0 && flag != 1) {
            throw in.damaged(key + ": " + (flag & 0xff) + " (expected: 0 or 1, it is a flag)");
        }
        return flag;
    }

    private Value readList(String key) throws IOException {
        ValueType type = readType("type of the elements of " + key);
        if (type == ValueType.LIST) {
            throw in.damaged(key + " is a list of lists");
        }
        long count = in.readCount("length of " + key, GgufReader.MAX_HEADER_BYTES, type.leastBytes());
        List<Long> numbers = List.of();
        if (type == ValueType.TEXT && key.equals(TOKENS)) {
            readTokens(count);
        } else if (type == ValueType.TEXT) {
            skipTexts(key, count);
        } else if (type == ValueType.BOOL) {
            for (long i = 0; i < count; i++) {
                readFlag(key);
            }
        } else if (type.isWhole() && count <= MAX_KEPT_NUMBERS && in.keep((int) count * KEPT_NUMBER_BYTES)) {
            numbers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                numbers.add(readScalar(type, key));
            }
        } else {
            in.skip(count * type.leastBytes());
        }
        return new Value.Listed(type, count, List.copyOf(numbers));
    }

    // Tokens and merges are bytes to llama.cpp, which reads what is no UTF-8 as replacement characters.
    private void skipTexts(String key, long count) throws IOException {
        for (long i = 0; i < count; i++) {
            in.skip(readTextLength(key, i));
        }
    }

    private void readTokens(long count) throws IOException {
        if (count > TokenTexts.MAX_TOKENS) {
            throw in.damaged(TOKENS + ": " + count + " tokens (expected: 0.." + TokenTexts.MAX_TOKENS + ")");
        }
        TokenTexts tokens = new TokenTexts((int) count);
        for (long i = 0; i < count; i++) {
            tokens.read(in, readTextLength(TOKENS, i));
        }
        if (tokens.repeated()) {
            throw in.damaged(TOKENS + ": two of them are equal");
        }
    }

    private long readTextLength(String key, long index) throws IOException {
        long length = in.readLong();
        if (length < 0 || length > GgufReader.MAX_HEADER_BYTES) {
            throw in.damaged("length of element " + index + " of " + key + ": " + Long.toUnsignedString(length)
                    + " (expected: 0.." + GgufReader.MAX_HEADER_BYTES + ")");
        }
        return length;
    }
}
