package dev.millrace.models.download;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A set of bytes of a file, as ranges that neither touch nor overlap. *Guarded by its owner.*
final class Ranges {
    /// Bytes `from` to `to - 1`.
    record Range(long from, long to) {
        Range {
            if (from < 0 || to <= from) {
                throw new IllegalArgumentException("range: " + from + ".." + to + " (expected: 0 or more, not empty)");
            }
        }

        long bytes() {
            return to - from;
        }
    }

    private final TreeMap<Long, Long> ends = new TreeMap<>();
    private long bytes;

    /// Adds a range; what of it is in the set already changes nothing.
    void add(Range range) {
        long from = range.from();
        long to = range.to();
        Map.Entry<Long, Long> near = ends.floorEntry(to);
        while (near != null && near.getValue() >= from) {
            from = Math.min(from, near.getKey());
            to = Math.max(to, near.getValue());
            bytes -= near.getValue() - near.getKey();
            ends.remove(near.getKey());
            near = ends.floorEntry(to);
        }
        ends.put(from, to);
        bytes += to - from;
    }

    /// How many bytes are in the set.
    long bytes() {
        return bytes;
    }

    /// What of the first `size` bytes is not in the set, in order.
    List<Range> missing(long size) {
        List<Range> missing = new ArrayList<>();
        long at = 0;
        for (Map.Entry<Long, Long> present : ends.entrySet()) {
            if (present.getKey() > at) {
                missing.add(new Range(at, Math.min(size, present.getKey())));
            }
            at = Math.max(at, present.getValue());
        }
        if (at < size) {
            missing.add(new Range(at, size));
        }
        return missing;
    }
}
