package dev.millrace.bench;

import java.util.Arrays;
import java.util.Collection;

/// Order statistics over raw values, by the nearest-rank rule. *Immutable.*
record Figures(double min, double p50, double p90, double p95, double p99, double max, double mean, int count) {
    static Figures of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Figures(
                rank(sorted, 0),
                rank(sorted, 0.50),
                rank(sorted, 0.90),
                rank(sorted, 0.95),
                rank(sorted, 0.99),
                rank(sorted, 1),
                Arrays.stream(sorted).average().orElse(0),
                sorted.length);
    }

    static Figures of(Collection<Double> values) {
        return of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static double rank(double[] sorted, double share) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}
