package dev.millrace.server.account;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/// All histograms of a server by name; made at its start, read at each scrape. *Thread-safe* once all are made.
final class Histograms {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Map<String, List<Histogram>> byName = new LinkedHashMap<>();

    /// A histogram of durations, recorded in nanoseconds and shown in seconds.
    ///
    /// @param labels names and values in turn
    Histogram seconds(String name, double[] bounds, String... labels) {
        return make(name, NANOS_PER_SECOND, bounds, labels);
    }

    /// A histogram of counts.
    ///
    /// @param labels names and values in turn
    Histogram counts(String name, double[] bounds, String... labels) {
        return make(name, 1, bounds, labels);
    }

    /// The one that is there, or a new one.
    private Histogram make(String name, double unit, double[] bounds, String... labels) {
        List<Histogram> family = byName.computeIfAbsent(name, _ -> new ArrayList<>());
        String text = text(labels);
        for (Histogram known : family) {
            if (known.labels().equals(text)) {
                return known;
            }
        }
        var made = new Histogram(text, unit, bounds);
        family.add(made);
        return made;
    }

    /// Appends everything in the text exposition format.
    void write(StringBuilder out) {
        byName.forEach((name, family) -> {
            out.append("# TYPE ").append(name).append(" histogram\n");
            family.forEach(histogram -> histogram.write(out, name));
        });
    }

    private static String text(String... labels) {
        var joined = new StringJoiner(",");
        for (int i = 0; i < labels.length; i += 2) {
            String value = labels[i + 1].replace("\\", "\\\\").replace("\"", "\\\"");
            joined.add(labels[i] + "=\"" + value + "\"");
        }
        return joined.toString();
    }
}
