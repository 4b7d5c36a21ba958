package dev.millrace.gateway.fleet;

import java.time.Duration;

/// When an endpoint is ejected, and how it comes back. *Immutable.*
///
/// @param failuresToEject so many failures without a success between them eject an endpoint
/// @param ejectFirstNanos how long it is left alone the first time; doubled each time it fails again
/// @param ejectMostNanos the longest time, before the jitter of a tenth
/// @param mostEjectedPercent how many of those that offer a model may be ejected for failures at once. One may always
///     be, so that a single endpoint has its circuit, too; 0: none ever
/// @param slowStartNanos over this time the weight of a new or returned endpoint grows from a tenth to the whole; 0:
/// none
/// @param probeFailuresToEject so many failed probes in a row take an endpoint out, whatever the percentage says
/// @param probeSuccessesToReturn so many good probes in a row bring back one that probes took out
public record HealthSettings(
        int failuresToEject,
        long ejectFirstNanos,
        long ejectMostNanos,
        int mostEjectedPercent,
        long slowStartNanos,
        int probeFailuresToEject,
        int probeSuccessesToReturn) {

    // Keeps sums of times far from the end of a long.
    private static final long LONGEST_NANOS = Duration.ofDays(1).toNanos();

    /// Refuses what contradicts itself.
    public HealthSettings {
        Expect.within("failuresToEject", failuresToEject, 1, Integer.MAX_VALUE);
        Expect.within("ejectFirstNanos", ejectFirstNanos, 1, LONGEST_NANOS);
        Expect.within("ejectMostNanos", ejectMostNanos, ejectFirstNanos, LONGEST_NANOS);
        Expect.within("mostEjectedPercent", mostEjectedPercent, 0, 100);
        Expect.within("slowStartNanos", slowStartNanos, 0, LONGEST_NANOS);
        Expect.within("probeFailuresToEject", probeFailuresToEject, 1, Integer.MAX_VALUE);
        Expect.within("probeSuccessesToReturn", probeSuccessesToReturn, 1, Integer.MAX_VALUE);
    }

    /// Five failures; 1 s to 60 s; at most half; 10 s of slow start; three bad probes, two good ones.
    public static HealthSettings usual() {
        return new HealthSettings(
                5,
                Duration.ofSeconds(1).toNanos(),
                Duration.ofSeconds(60).toNanos(),
                50,
                Duration.ofSeconds(10).toNanos(),
                3,
                2);
    }
}
