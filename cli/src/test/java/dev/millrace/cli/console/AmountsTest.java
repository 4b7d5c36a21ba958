package dev.millrace.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AmountsTest {
    @Test
    void countsHaveTwoOrThreeDigits() {
        assertThat(Amounts.count(0)).isEmpty();
        assertThat(Amounts.count(999)).isEqualTo("999");
        assertThat(Amounts.count(3_300_000)).isEqualTo("3.3 M");
        assertThat(Amounts.count(1_236_000_000)).isEqualTo("1.2 B");
        assertThat(Amounts.count(405_000_000_000L)).isEqualTo("405 B");
        assertThat(Amounts.count(Long.MAX_VALUE)).isEqualTo("9223372 T");
    }

    @Test
    void sizesAreBinary() {
        assertThat(Amounts.size(0)).isEqualTo("0 B");
        assertThat(Amounts.size(1023)).isEqualTo("1023 B");
        assertThat(Amounts.size(3_652_320)).isEqualTo("3.5 MiB");
        assertThat(Amounts.size(40L << 30)).isEqualTo("40.0 GiB");
    }

    @Test
    void contextsAreRoundOnlyWhereTheyAre() {
        assertThat(Amounts.tokens(0)).isEmpty();
        assertThat(Amounts.tokens(131_072)).isEqualTo("128 K");
        assertThat(Amounts.tokens(4000)).isEqualTo("4000");
    }

    @Test
    void anUnknownTimeIsNotShown() {
        assertThat(Amounts.time(Instant.EPOCH)).isEmpty();
        assertThat(Amounts.time(Instant.parse("2026-11-23T12:34:56.789Z"))).matches("2026-11-2\\d \\d\\d:\\d\\d");
    }

    @Test
    void timesAreRoundedToTheirUnit() {
        assertThat(Amounts.duration(Duration.ofMillis(400))).isEqualTo("0 s");
        assertThat(Amounts.duration(Duration.ofSeconds(59))).isEqualTo("59 s");
        assertThat(Amounts.duration(Duration.ofMillis(299_990))).isEqualTo("5 min");
        assertThat(Amounts.duration(Duration.ofMinutes(59).plusSeconds(45))).isEqualTo("1 h");
        assertThat(Amounts.duration(Duration.ofMinutes(200))).isEqualTo("3 h 20 min");
        assertThat(Amounts.duration(Duration.ofDays(4))).isEqualTo("4 d");
    }

    @Test
    void partsOfAWholeShareItsUnit() {
        assertThat(Amounts.sizeOf(-1, 2048)).isEqualTo("2.0 KiB");
        assertThat(Amounts.sizeOf(1000, 7)).isEqualTo("7/1000 B");
        assertThat(Amounts.sizeOf(4L << 30, 1L << 29)).isEqualTo("0.5/4.0 GiB");
    }

    @Test
    void whatCountsDownIsToldToTheSecond() {
        assertThat(Amounts.countdown(Duration.ofSeconds(7))).isEqualTo("0:07");
        assertThat(Amounts.countdown(Duration.ofSeconds(750))).isEqualTo("12:30");
        assertThat(Amounts.countdown(Duration.ofMinutes(200))).isEqualTo("3 h 20 min");
    }
}
