package dev.millrace.llama.ffm;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Size, field offsets and default values of one C structure in one build. *Immutable.*
///
/// @param fields by name, in the order of the structure
record StructTable(String name, long size, Map<String, Field> fields) {
    StructTable {
        fields = Map.copyOf(fields);
    }

    /// @param expected the bits of the value that `*_default_params()` sets, zero-extended
    record Field(String name, long offset, Kind kind, long expected) {}

    enum Kind {
        I32(4),
        F32(4),
        BOOL(1),
        PTR(8);

        final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }
    }

    /// Reads a table of lines `name@offset kind default`.
    static StructTable parse(String name, long size, String lines) {
        Map<String, Field> fields = new LinkedHashMap<>();
        lines.lines().map(String::strip).forEach(line -> {
            String[] words = line.split("[@ ]+", -1);
            Kind kind = Kind.valueOf(words[2].toUpperCase(Locale.ROOT));
            long bits = kind == Kind.F32
                    ? Integer.toUnsignedLong(Float.floatToRawIntBits(Float.parseFloat(words[3])))
                    : Long.parseLong(words[3]);
            long mask = kind.bytes == 8 ? -1 : (1L << (8 * kind.bytes)) - 1;
            fields.put(words[0], new Field(words[0], Long.parseLong(words[1]), kind, bits & mask));
        });
        return new StructTable(name, size, fields);
    }

    /// The structure as 8-byte words, for passing it by value.
    StructLayout layout() {
        return MemoryLayout.structLayout(MemoryLayout.sequenceLayout(size / 8, ValueLayout.JAVA_LONG))
                .withName(name);
    }

    /// Offset of a field; a field that this build does not have is a fault of the caller.
    long offset(String field) {
        Field found = fields.get(field);
        if (found == null) {
            throw new IllegalArgumentException(name + " has no field " + field + " in this build");
        }
        return found.offset();
    }

    /// The first field, by offset, whose value in `defaults` is not the tabulated one, in words.
    Optional<String> difference(MemorySegment defaults) {
        return fields.values().stream()
                .sorted((a, b) -> Long.compare(a.offset(), b.offset()))
                .filter(f -> read(defaults, f) != f.expected())
                .map(f -> String.format(
                        Locale.ROOT,
                        "%s.%s@%d: 0x%x (expected: 0x%x)",
                        name,
                        f.name(),
                        f.offset(),
                        read(defaults, f),
                        f.expected()))
                .findFirst();
    }

    private static long read(MemorySegment struct, Field f) {
        return switch (f.kind()) {
            case I32, F32 -> Integer.toUnsignedLong(struct.get(ValueLayout.JAVA_INT, f.offset()));
            case BOOL -> Byte.toUnsignedLong(struct.get(ValueLayout.JAVA_BYTE, f.offset()));
            case PTR -> struct.get(ValueLayout.JAVA_LONG, f.offset());
        };
    }
}
