package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SectionTimesTest {
    private final SectionTimes times = new SectionTimes();

    @Test
    void nextSectionTakesWhatItTookInTheLastPass() {
        times.restart();
        assertThat(times.ended(10)).isZero();
        assertThat(times.ended(50)).isZero();
        assertThat(times.ended(20)).isZero();

        times.restart();

        assertThat(times.ended(11)).isEqualTo(50);
        assertThat(times.ended(55)).isEqualTo(20);
        assertThat(times.ended(22)).isZero();
        times.restart();
        assertThat(times.ended(12)).isEqualTo(55);
    }

    @Test
    void graphOfManySectionsIsRememberedWhole() {
        for (int pass = 0; pass < 2; pass++) {
            times.restart();
            for (int i = 0; i < 1_000; i++) {
                assertThat(times.ended(i)).isEqualTo(pass == 0 || i == 999 ? 0 : i + 1);
            }
        }
    }
}
