package dev.millrace.gguf;

import org.jspecify.annotations.Nullable;

/// How a value of the header is stored; the order is that of the numbers in the file.
enum ValueType {
    U8(1),
    I8(1),
    U16(2),
    I16(2),
    U32(4),
    I32(4),
    F32(4),
    BOOL(1),
    TEXT(8),
    LIST(12),
    U64(8),
    I64(8),
    F64(8);

    private final int leastBytes;

    ValueType(int leastBytes) {
        this.leastBytes = leastBytes;
    }

    static @Nullable ValueType of(int code) {
        ValueType[] all = values();
        return code >= 0 && code < all.length ? all[code] : null;
    }

    /// Bytes of a value; of texts and lists, those of their lengths.
    int leastBytes() {
        return leastBytes;
    }

    boolean isWhole() {
        return switch (this) {
            case U8, I8, U16, I16, U32, I32, U64, I64 -> true;
            case F32, F64, BOOL, TEXT, LIST -> false;
        };
    }
}
