package dev.millrace.models.lifecycle;

import java.util.Locale;

/// The memory one model will take, by part. *Immutable.*
///
/// @param weightsBytes the weights
/// @param kvBytes the KV cache at the configured context
/// @param computeBytes buffers of the computation
/// @param overheadBytes everything else, for example a worker process
public record MemoryNeed(long weightsBytes, long kvBytes, long computeBytes, long overheadBytes) {
    private static final double GIB = 1L << 30;

    public MemoryNeed {
        if (weightsBytes < 0 || kvBytes < 0 || computeBytes < 0 || overheadBytes < 0) {
            throw new IllegalArgumentException("memory need: a part is negative (expected: all >= 0)");
        }
    }

    /// The sum of the parts.
    public long total() {
        return Math.addExact(Math.addExact(weightsBytes, kvBytes), Math.addExact(computeBytes, overheadBytes));
    }

    /// The same in another sum, as it was measured: each part keeps its share.
    ///
    /// @param bytes more than 0
    public MemoryNeed scaledTo(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("memory need: " + bytes + " (expected: more than 0)");
        }
        double ratio = (double) bytes / Math.max(1, total());
        long weights = (long) (weightsBytes * ratio);
        long kv = (long) (kvBytes * ratio);
        long compute = (long) (computeBytes * ratio);
        return new MemoryNeed(weights, kv, compute, Math.max(0, bytes - weights - kv - compute));
    }

    /// The sum in words: `7.1 GiB = 6.2 weights + 0.7 KV cache + 0.2 compute buffers`; parts of 0 are left out.
    public String describe() {
        StringBuilder text = new StringBuilder(gib(total())).append(" GiB");
        String before = " = ";
        before = part(text, before, weightsBytes, "weights");
        before = part(text, before, kvBytes, "KV cache");
        before = part(text, before, computeBytes, "compute buffers");
        part(text, before, overheadBytes, "overhead");
        return text.toString();
    }

    private static String part(StringBuilder text, String before, long bytes, String name) {
        if (bytes == 0) {
            return before;
        }
        text.append(before).append(gib(bytes)).append(' ').append(name);
        return " + ";
    }

    /// Bytes as GiB with one digit.
    static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / GIB);
    }
}
