package dev.millrace.gateway.fleet;

/// Weighted rendezvous hashing: each pair of a key and an endpoint has a score, and a key belongs to the endpoints
/// with the highest scores. Who joins takes only its share from the others, and who leaves gives only its own away;
/// each of several gateways comes to the same result by itself. *Immutable.*
///
/// The score is `-weight / ln(u)` with `u` even in (0, 1) from the hash of the pair: then an endpoint has the highest
/// score of all with a chance that is exactly its part of all weights.
final class Rendezvous {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final int UNIT_BITS = 53;
    private static final double UNIT = 0x1p-53;

    private Rendezvous() {}

    /// 64 bits: with the 32 of [String#hashCode] two of many endpoints would now and then have the same keys.
    static long hash(String text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return mix(hash);
    }

    static long hash(EndpointId endpoint) {
        return combine(hash(endpoint.upstream()), hash(endpoint.address()));
    }

    /// The order matters.
    static long combine(long first, long second) {
        return mix(first * FNV_PRIME + second);
    }

    static double score(long key, long endpoint, int weight) {
        double u = ((combine(key, endpoint) >>> (Long.SIZE - UNIT_BITS)) + 0.5) * UNIT;
        return -weight / Math.log(u);
    }

    /// The finalizer of MurmurHash3 as varied by David Stafford (number 13): each bit changes about half of all bits.
    private static long mix(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
