package dev.millrace.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.cache.Freshness.Life;
import dev.millrace.gateway.cache.Freshness.State;
import java.time.Duration;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreshnessTest {
    private static final Freshness FIVE_MINUTES = Freshness.DEFAULT;
    private static final Freshness WITH_STALE = new Freshness(Duration.ofMinutes(5), Duration.ofMinutes(1));
    private static final long HOUR = 3_600_000;

    @ParameterizedTest
    @CsvSource({
        "0, FRESH, FRESH",
        "269999, FRESH, FRESH",
        "270000, REFRESH_AHEAD, REFRESH_AHEAD",
        "299999, REFRESH_AHEAD, REFRESH_AHEAD",
        "300000, EXPIRED, STALE_USABLE",
        "359999, EXPIRED, STALE_USABLE",
        "360000, EXPIRED, EXPIRED"
    })
    void anAnswerGoesThroughItsLife(long ageMillis, State plain, State withStale) {
        var life = Life.local(Long.MAX_VALUE - 5, 300_000); // monotonic readings may wrap around
        long now = Long.MAX_VALUE - 5 + ageMillis * 1_000_000;

        assertThat(FIVE_MINUTES.read(life, now).state()).isEqualTo(plain);
        assertThat(WITH_STALE.read(new Life(0, ageMillis, 300_000), 999_999).state())
                .isEqualTo(withStale);
    }

    @Test
    void livesAreSpreadByTenPercentAndNoMore() {
        var random = new Random(5);
        long[] lives = LongStream.generate(() -> FIVE_MINUTES.drawTtlMillis(random))
                .limit(10_000)
                .toArray();

        assertThat(LongStream.of(lives).min().orElseThrow()).isGreaterThanOrEqualTo(270_000);
        assertThat(LongStream.of(lives).max().orElseThrow()).isLessThanOrEqualTo(330_000);
        assertThat(LongStream.of(lives).filter(life -> life < 276_000).count()).isBetween(800L, 1_200L);
        assertThat(LongStream.of(lives).filter(life -> life > 324_000).count()).isBetween(800L, 1_200L);
        assertThat(LongStream.of(lives).average().orElseThrow()).isBetween(299_000.0, 301_000.0);
    }

    @Test
    void theShortestLifeIsNotLostToChance() {
        var shortest = new Freshness(Duration.ofMillis(1), Duration.ZERO);

        assertThat(shortest.drawTtlMillis(new Random(1))).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {-24 * HOUR, -HOUR, 0})
    void aWallClockThatGoesBackMakesNoAnswerOlderAndNoLifeLonger(long jumpMillis) {
        long created = 100 * HOUR;
        var life = Life.shared(CacheFixture.answer("a", created), created + jumpMillis, 0);

        assertThat(FIVE_MINUTES.read(life, 0).state()).isEqualTo(State.FRESH);
        assertThat(FIVE_MINUTES.read(life, 0).ageMillis()).isZero();
        assertThat(FIVE_MINUTES.read(life, 300_000_000_000L).state()).isEqualTo(State.EXPIRED);
    }

    @Test
    void anAnswerFromTheSharedTierBringsItsAge() {
        long created = 100 * HOUR;
        var life = Life.shared(CacheFixture.answer("a", created), created + 200_000, 7);

        assertThat(FIVE_MINUTES.read(life, 7).leftMillis()).isEqualTo(100_000);
        assertThat(FIVE_MINUTES.read(life, 7 + 99_999_000_000L).state()).isEqualTo(State.REFRESH_AHEAD);
        assertThat(FIVE_MINUTES.read(life, 7 + 100_000_000_000L).state()).isEqualTo(State.EXPIRED);
    }

    @Test
    void aMonotonicReadingFromBeforeCountsAsNow() {
        var life = Life.local(1_000, 300_000);

        assertThat(FIVE_MINUTES.read(life, 0)).isEqualTo(FIVE_MINUTES.read(life, 1_000));
    }

    @Test
    void senselessLivesAreRefused() {
        assertThatThrownBy(() -> new Freshness(Duration.ZERO, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Freshness(Duration.ofDays(31), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Freshness(Duration.ofDays(1), Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Life(0, -1, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
