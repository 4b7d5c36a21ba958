package dev.millrace.gateway.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SettingsTest {
    private static void refused(Runnable settings, String message) {
        assertThatThrownBy(settings::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void usualSettingsAreThoseOfTheReference() {
        FleetSettings usual = FleetSettings.usual();

        assertThat(usual.policy()).isEqualTo(Policy.LEAST_LOAD);
        assertThat(usual.replicas()).isZero();
        assertThat(usual.health())
                .isEqualTo(new HealthSettings(5, 1_000_000_000L, 60_000_000_000L, 50, 10_000_000_000L, 3, 2));
        assertThat(usual.prefix()).isEqualTo(new PrefixSettings(65_536, 600_000_000_000L, 8));
    }

    @Test
    void settingsThatContradictThemselvesAreRefused() {
        refused(
                () -> new FleetSettings(Policy.PREFIX, -1, HealthSettings.usual(), PrefixSettings.usual()),
                "replicas: -1 (expected: 0..");
        refused(() -> new HealthSettings(0, 1, 1, 50, 0, 1, 1), "failuresToEject: 0 (expected: 1..");
        refused(() -> new HealthSettings(1, 0, 1, 50, 0, 1, 1), "ejectFirstNanos: 0 (expected: 1..");
        refused(() -> new HealthSettings(1, 2, 1, 50, 0, 1, 1), "ejectMostNanos: 1 (expected: 2..");
        refused(() -> new HealthSettings(1, 1, 1, 101, 0, 1, 1), "mostEjectedPercent: 101 (expected: 0..100)");
        refused(() -> new HealthSettings(1, 1, 1, 50, -1, 1, 1), "slowStartNanos: -1 (expected: 0..");
        refused(() -> new HealthSettings(1, 1, 1, 50, 0, 0, 1), "probeFailuresToEject: 0 (expected: 1..");
        refused(() -> new HealthSettings(1, 1, 1, 50, 0, 1, 0), "probeSuccessesToReturn: 0 (expected: 1..");
        refused(() -> new PrefixSettings(0, 1, 1), "mostEntries: 0 (expected: 1..");
        refused(() -> new PrefixSettings(1, 0, 1), "ageNanos: 0 (expected: 1..");
        refused(() -> new PrefixSettings(1, 1, -0.5), "mostImbalance: -0.5 (expected: >= 0)");
        refused(() -> new PrefixSettings(1, 1, Double.NaN), "mostImbalance: NaN (expected: >= 0)");
    }
}
