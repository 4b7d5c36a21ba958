package dev.millrace.cli.engines;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which byte of a sound GGUF header belongs to what: `key x`, `value of x`, `tensor x`. *Immutable once made.*
final class HeaderFields {
    private static final int TEXT = 8;
    private static final int LIST = 9;
    private static final List<Integer> WIDTHS = List.of(1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8);

    private final NavigableMap<Integer, String> starts = new TreeMap<>();
    private final byte[] header;
    private final ByteBuffer in;

    HeaderFields(byte[] header) {
        this.header = header.clone();
        this.in = ByteBuffer.wrap(this.header).order(ByteOrder.LITTLE_ENDIAN);
        begin("magic and version");
        in.getLong();
        begin("counts");
        long tensors = in.getLong();
        long entries = in.getLong();
        for (long i = 0; i < entries; i++) {
            int at = in.position();
            String key = text();
            starts.put(at, "key " + key);
            begin("value of " + key);
            value(in.getInt());
        }
        for (long i = 0; i < tensors; i++) {
            int at = in.position();
            String name = text();
            starts.put(at, "name of a tensor");
            begin(name.startsWith("blk.") ? "tensor of a block" : "tensor " + name);
            int dimensions = in.getInt();
            in.position(in.position() + Long.BYTES * dimensions + Integer.BYTES + Long.BYTES);
        }
        begin("padding");
    }

    private void begin(String name) {
        starts.put(in.position(), name);
    }

    private String text() {
        byte[] bytes = new byte[Math.toIntExact(in.getLong())];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void value(int type) {
        if (type == TEXT) {
            text();
        } else if (type == LIST) {
            int elements = in.getInt();
            long count = in.getLong();
            for (long i = 0; i < count; i++) {
                value(elements);
            }
        } else {
            in.position(in.position() + WIDTHS.get(type));
        }
    }

    /// The fields in which another header of the same length differs.
    Set<String> changedIn(byte[] other) {
        Set<String> changed = new TreeSet<>();
        for (int i = 0; i < header.length; i++) {
            if (header[i] != other[i]) {
                changed.add(starts.floorEntry(i).getValue());
            }
        }
        return changed;
    }
}
