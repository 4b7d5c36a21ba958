package dev.millrace.gateway.cache;

import java.util.Arrays;
import java.util.List;

/// The bytes of an answer, and the places in them that hold its id. *Immutable.*
///
/// Every answer has its own id, a repeated one too, so the id is replaced wherever it stands.
public final class Payload {
    /// Most places with the id.
    public static final int MAX_SPOTS = 262_144;

    /// Longest id, in bytes.
    public static final int MAX_ID_BYTES = 256;

    private final byte[] bytes;
    private final List<Spot> spots;

    /// @param bytes not copied, and not to be changed any more
    /// @param spots in the order of their places, none over another
    public Payload(byte[] bytes, List<Spot> spots) {
        this.bytes = bytes;
        this.spots = List.copyOf(spots);
        if (spots.size() > MAX_SPOTS) {
            throw new IllegalArgumentException("spots: " + spots.size() + " (expected: at most " + MAX_SPOTS + ")");
        }
        int free = 0;
        for (Spot spot : this.spots) {
            if (spot.offset() < free || spot.length() > bytes.length - spot.offset()) {
                throw new IllegalArgumentException(
                        spot + " (expected: within " + free + ".." + bytes.length + ", after the one before)");
            }
            free = spot.offset() + spot.length();
        }
    }

    /// The bytes as they were stored; not a copy, and not to be changed.
    public byte[] bytes() {
        return bytes;
    }

    /// The places with the id.
    public List<Spot> spots() {
        return spots;
    }

    /// The bytes with another id at each place.
    ///
    /// @param id as it is written inside a JSON string
    /// @throws IllegalArgumentException if `id` is longer than [#MAX_ID_BYTES]
    public byte[] withId(byte[] id) {
        if (id.length > MAX_ID_BYTES) {
            throw new IllegalArgumentException("id: " + id.length + " bytes (expected: at most " + MAX_ID_BYTES + ")");
        }
        if (spots.isEmpty()) {
            return bytes;
        }
        int size = bytes.length;
        for (Spot spot : spots) {
            size = Math.addExact(size, id.length - spot.length());
        }
        byte[] out = new byte[size];
        int from = 0;
        int to = 0;
        for (Spot spot : spots) {
            int kept = spot.offset() - from;
            System.arraycopy(bytes, from, out, to, kept);
            System.arraycopy(id, 0, out, to + kept, id.length);
            from = spot.offset() + spot.length();
            to += kept + id.length;
        }
        System.arraycopy(bytes, from, out, to, bytes.length - from);
        return out;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Payload that && Arrays.equals(bytes, that.bytes) && spots.equals(that.spots);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(bytes) + spots.hashCode();
    }

    /// Sizes only: an answer's text belongs in no log.
    @Override
    public String toString() {
        return "Payload[" + bytes.length + " bytes, " + spots.size() + " spots]";
    }

    /// One place that holds the id. *Immutable.*
    public record Spot(int offset, int length) {
        public Spot {
            if (offset < 0 || length < 1 || length > MAX_ID_BYTES) {
                throw new IllegalArgumentException(
                        "spot: " + length + " at " + offset + " (expected: 1.." + MAX_ID_BYTES + " at 0 or above)");
            }
        }
    }
}
