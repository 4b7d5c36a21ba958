package dev.millrace.cli.pull;

import java.time.Duration;
import java.util.Locale;

/// Sizes, speeds and times for people.
final class Amounts {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
    private static final int STEP = 1024;
    private static final int MINUTE = 60;
    private static final int HOUR = 3600;

    private Amounts() {}

    /// For example `4.2 GiB`.
    static String bytes(long bytes) {
        int unit = unit(bytes);
        return number(bytes, unit) + " " + UNITS[unit];
    }

    /// For example `1.3/4.2 GiB`; the first alone if the second is not known.
    static String ofTotal(long bytes, long total) {
        if (total < 0) {
            return bytes(bytes);
        }
        int unit = unit(total);
        return number(bytes, unit) + "/" + number(total, unit) + " " + UNITS[unit];
    }

    /// For example `0:07`, `12:30` or `3 h 20 min`.
    static String time(Duration time) {
        long seconds = time.toSeconds();
        return seconds < HOUR
                ? String.format(Locale.ROOT, "%d:%02d", seconds / MINUTE, seconds % MINUTE)
                : seconds / HOUR + " h " + seconds % HOUR / MINUTE + " min";
    }

    private static int unit(long bytes) {
        int unit = 0;
        for (double value = bytes; value >= STEP && unit < UNITS.length - 1; value /= STEP) {
            unit++;
        }
        return unit;
    }

    private static String number(long bytes, int unit) {
        return String.format(Locale.ROOT, unit == 0 ? "%.0f" : "%.1f", bytes / Math.pow(STEP, unit));
    }
}
