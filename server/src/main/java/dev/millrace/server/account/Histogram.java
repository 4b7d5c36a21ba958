package dev.millrace.server.account;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/// Counts values in fixed buckets; a value costs one binary search and two additions. *Thread-safe.*
///
/// Micrometer's own keeps a decaying maximum and a ring of windows besides, which a dozen times per request is a
/// tenth of all that serving costs.
final class Histogram {
    private final String labels;
    private final double unit;
    private final double[] bounds;
    private final long[] limits;
    private final LongAdder[] counts;
    private final LongAdder sum = new LongAdder();

    /// @param labels as they stand between the braces
    /// @param unit what one of the bounds is in recorded values: 1e9 for seconds recorded as nanoseconds
    /// @param bounds upper bounds, rising
    Histogram(String labels, double unit, double... bounds) {
        this.labels = labels;
        this.unit = unit;
        this.bounds = bounds.clone();
        limits = Arrays.stream(bounds)
                .mapToLong(bound -> Math.round(bound * unit))
                .toArray();
        counts = new LongAdder[bounds.length + 1];
        Arrays.setAll(counts, i -> new LongAdder());
    }

    void record(long value) {
        int found = Arrays.binarySearch(limits, value);
        counts[found >= 0 ? found : -found - 1].increment();
        sum.add(value);
    }

    String labels() {
        return labels;
    }

    /// Appends this histogram's series in the text exposition format.
    void write(StringBuilder out, String name) {
        long cumulative = 0;
        for (int i = 0; i < counts.length; i++) {
            cumulative += counts[i].sum();
            out.append(name).append("_bucket{").append(labels).append(",le=\"");
            out.append(i == bounds.length ? "+Inf" : Double.toString(bounds[i]));
            out.append("\"} ").append(cumulative).append('\n');
        }
        out.append(name)
                .append("_count{")
                .append(labels)
                .append("} ")
                .append(cumulative)
                .append('\n');
        out.append(name)
                .append("_sum{")
                .append(labels)
                .append("} ")
                .append(sum.sum() / unit)
                .append('\n');
    }
}
