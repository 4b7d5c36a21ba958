package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.models.download.RetryPolicy.Next.Again;
import dev.millrace.models.download.RetryPolicy.Next.GiveUp;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
    private final RetryPolicy policy = new RetryPolicy(PullLimits.DEFAULT);
    private final Trouble broken = new Trouble(Trouble.Kind.CONNECTION, "it broke");

    @Test
    void waitsDoubleUpToALimitAndAreSpread() {
        assertThat(policy.after(broken, 1, 1)).isEqualTo(new Again(Duration.ofSeconds(1)));
        assertThat(policy.after(broken, 1, 0)).isEqualTo(new Again(Duration.ofMillis(500)));
        assertThat(policy.after(broken, 4, 1)).isEqualTo(new Again(Duration.ofSeconds(8)));
        assertThat(policy.after(broken, 5, 1)).isEqualTo(new Again(Duration.ofSeconds(16)));
    }

    @Test
    void triesAreBounded() {
        assertThat(policy.after(broken, 6, 0))
                .isEqualTo(new GiveUp(PullError.UPSTREAM_ERROR, "it broke, 6 times in a row"));
        assertThat(policy.after(new Trouble(Trouble.Kind.STALL, "silence"), 6, 0))
                .isEqualTo(new GiveUp(PullError.STALLED, "silence, 6 times in a row"));
    }

    @Test
    void sourceDecidesWhenToComeBackWithinALimit() {
        Trouble soon = new Trouble(Trouble.Kind.BUSY, "busy", Duration.ofSeconds(90), null);
        Trouble late = new Trouble(Trouble.Kind.BUSY, "busy", Duration.ofHours(1), null);

        assertThat(policy.after(soon, 1, 0)).isEqualTo(new Again(Duration.ofSeconds(90)));
        assertThat(policy.after(late, 1, 0))
                .isEqualTo(new GiveUp(PullError.UPSTREAM_ERROR, "busy and asks to come back in 3600 s"));
    }

    @Test
    void retryAfterIsReadAsSecondsAndAsADateOfTheSourcesClock() {
        String date = "Mon, 23 Nov 2026 21:00:00 GMT";

        assertThat(new Head(429, Map.of("retry-after", "7")).retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(new Head(429, Map.of("date", date, "retry-after", "Mon, 23 Nov 2026 21:01:30 GMT")).retryAfter())
                .isEqualTo(Duration.ofSeconds(90));
        for (String odd : List.of("soon", "-1", "", "99999999999999999999")) {
            assertThat(new Head(429, Map.of("date", date, "retry-after", odd)).retryAfter())
                    .isZero();
        }
    }

    @Test
    void paceIsJudgedOverAWholeWindow() {
        PaceRule pace = new PaceRule(PullLimits.DEFAULT, 0);
        long second = 1_000_000_000L;

        assertThat(pace.isTooSlow(1, 29 * second)).isFalse();
        assertThat(pace.isTooSlow(40_000, 30 * second)).isFalse();
        assertThat(pace.isTooSlow(1, 31 * second)).isFalse();
        assertThat(pace.isTooSlow(100, 61 * second)).isTrue();
    }

    @Test
    void speedForgetsWhatIsLongAgo() {
        SpeedMeter meter = new SpeedMeter();
        long second = 1_000_000_000L;
        meter.add(0, 0);
        meter.add(1_000_000, second);

        assertThat(meter.bytesPerSecond(2 * second)).isEqualTo(500_000);
        assertThat(meter.bytesPerSecond(20 * second)).isZero();
    }
}
