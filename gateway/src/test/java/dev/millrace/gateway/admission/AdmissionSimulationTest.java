package dev.millrace.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Random histories against the laws of admission. A failure names its seed; `-Dadmission.seed=N` plays
/// that one.
class AdmissionSimulationTest {
    private static final int HISTORIES = 2_000;

    @Test
    void lawsHoldInEveryHistory() {
        Long only = Long.getLong("admission.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? HISTORIES : only;
        for (long seed = first; seed <= last; seed++) {
            play(seed);
        }
    }

    private static void play(long seed) {
        var history = new AdmissionHistory(seed);
        try {
            history.play(80);
            history.drain();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
        assertThat(history.policy().inFlight()).as("seed %s", seed).isZero();
        assertThat(history.policy().waiting()).as("seed %s", seed).isZero();
    }
}
