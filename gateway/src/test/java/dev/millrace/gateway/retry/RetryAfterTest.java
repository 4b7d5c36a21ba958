package dev.millrace.gateway.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    /// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    private static final long NOW = 784_111_777;

    private static final long HOUR = Duration.ofHours(1).toNanos();

    private static Duration read(@Nullable String retryAfter, @Nullable String retryAfterMs) {
        return Duration.ofNanos(RetryAfter.nanosOf(retryAfter, retryAfterMs, NOW));
    }

    @Test
    void secondsAreRead() {
        assertThat(read("2", null)).isEqualTo(Duration.ofSeconds(2));
        assertThat(read(" 0 ", null)).isEqualTo(Duration.ZERO);
        assertThat(read("1.5", null)).isEqualTo(Duration.ofMillis(1_500));
    }

    @Test
    void millisecondsArePreferredAsTheyAreFiner() {
        assertThat(read("1", "250")).isEqualTo(Duration.ofMillis(250));
        assertThat(read(null, "0.5")).isEqualTo(Duration.ofNanos(500_000));
    }

    @Test
    void millisecondsThatCannotBeReadLeaveTheSeconds() {
        assertThat(read("1", "soon")).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void dateIsTheTimeUntilThen() {
        assertThat(read("Sun, 06 Nov 1994 08:49:40 GMT", null)).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void dateThatIsOverIsNow() {
        assertThat(read("Sun, 06 Nov 1994 08:49:37 GMT", null)).isEqualTo(Duration.ZERO);
        assertThat(read("Sun, 06 Nov 1994 08:00:00 GMT", null)).isEqualTo(Duration.ZERO);
    }

    @Test
    void nobodyAsksForMoreThanAnHour() {
        assertThat(RetryAfter.nanosOf("3601", null, NOW)).isEqualTo(HOUR);
        assertThat(RetryAfter.nanosOf("99999999999999999999999", null, NOW)).isEqualTo(HOUR);
        assertThat(RetryAfter.nanosOf(null, "3600001", NOW)).isEqualTo(HOUR);
        assertThat(RetryAfter.nanosOf("Sun, 06 Nov 2044 08:49:37 GMT", null, NOW))
                .isEqualTo(HOUR);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                " ",
                "-1",
                "+1",
                "1e3",
                "0x10",
                "NaN",
                "Infinity",
                "1f",
                "1.",
                "1.2.3",
                "tomorrow",
                "Sun, 06 Nov 1994",
                "Sun, 99 Nov 1994 08:49:37 GMT",
                "99999999999999999999999999999999999999999999"
            })
    void whatCannotBeReadIsNotSaid(@Nullable String text) {
        assertThat(RetryAfter.nanosOf(text, null, NOW)).isEqualTo(RetryAfter.UNSAID);
        assertThat(RetryAfter.nanosOf(null, text, NOW)).isEqualTo(-1);
    }
}
