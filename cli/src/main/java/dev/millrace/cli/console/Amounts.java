package dev.millrace.cli.console;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;

/// Numbers as people read them. Pure.
public final class Amounts {
    private static final String[] COUNT_UNITS = {"", " K", " M", " B", " T"};
    private static final String[] SIZE_UNITS = {" B", " KiB", " MiB", " GiB", " TiB"};
    private static final int STEP = 1024;
    private static final int ENOUGH_DIGITS = 100;
    private static final int TOKENS_PER_K = 1024;
    private static final int MINUTE = 60;
    private static final int MINUTES_PER_HOUR = 60;
    private static final int MANY_HOURS = 48;

    private Amounts() {}

    /// For example `1.2 B` for 1 236 000 000 parameters; empty for 0.
    public static String count(long n) {
        return n == 0 ? "" : scaled(n, 1000, COUNT_UNITS);
    }

    /// For example `3.5 MiB`.
    public static String size(long bytes) {
        return scaled(bytes, STEP, SIZE_UNITS);
    }

    /// For example `1.3/4.2 GiB`; the first alone if the second is not known.
    ///
    /// @param total below 0 if unknown
    public static String sizeOf(long total, long bytes) {
        if (total < 0) {
            return size(bytes);
        }
        int unit = 0;
        double divisor = 1;
        while (total / divisor >= STEP && unit < SIZE_UNITS.length - 1) {
            divisor *= STEP;
            unit++;
        }
        String number = unit == 0 ? "%.0f" : "%.1f";
        return String.format(
                Locale.ROOT, number + "/" + number + "%s", bytes / divisor, total / divisor, SIZE_UNITS[unit]);
    }

    /// For example `32 K` for 32 768 tokens; empty for 0.
    public static String tokens(int n) {
        if (n == 0) {
            return "";
        }
        return n >= TOKENS_PER_K && n % TOKENS_PER_K == 0 ? n / TOKENS_PER_K + " K" : Integer.toString(n);
    }

    /// For example `2026-11-23 22:05`, in the zone of this machine; empty if unknown.
    public static String time(Instant time) {
        return time.equals(Instant.EPOCH)
                ? ""
                : time.atZone(ZoneId.systemDefault())
                        .toLocalDateTime()
                        .withSecond(0)
                        .withNano(0)
                        .toString()
                        .replace('T', ' ');
    }

    /// For example `42 s`, `5 min`, `3 h 20 min` or `4 d`, rounded to what is shown.
    public static String duration(Duration time) {
        long seconds = Math.round(time.toMillis() / 1000.0);
        if (seconds < MINUTE) {
            return seconds + " s";
        }
        long minutes = Math.round((double) seconds / MINUTE);
        if (minutes < MINUTES_PER_HOUR) {
            return minutes + " min";
        }
        long hours = minutes / MINUTES_PER_HOUR;
        long rest = minutes % MINUTES_PER_HOUR;
        return hours < MANY_HOURS ? hours + " h" + (rest == 0 ? "" : " " + rest + " min") : time.toDays() + " d";
    }

    /// To the second, for what counts down: `0:07`, `12:30` or `3 h 20 min`.
    public static String countdown(Duration time) {
        return time.toHours() == 0
                ? String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart())
                : time.toHours() + " h " + time.toMinutesPart() + " min";
    }

    private static String scaled(long n, int step, String[] units) {
        double value = n;
        int unit = 0;
        while (value >= step && unit < units.length - 1) {
            value /= step;
            unit++;
        }
        String format = unit == 0 || value >= ENOUGH_DIGITS ? "%.0f%s" : "%.1f%s";
        return String.format(Locale.ROOT, format, value, units[unit]);
    }
}
