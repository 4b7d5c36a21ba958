package dev.millrace.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StatsTest {
    private static final long MILLI = 1_000_000;

    @Test
    void saysTokensRateAndFirstToken() {
        assertThat(new Stats(42, 23 * MILLI, 347 * MILLI, 0).line())
                .isEqualTo("42 tokens · 118 tok/s · first token 23 ms");
    }

    @Test
    void theFirstTokenDoesNotCountIntoTheRate() {
        assertThat(new Stats(3, 0, 1000 * MILLI, 0).tokensPerSecond()).isEqualTo(2.0);
    }

    @Test
    void aSlowModelShowsADecimal() {
        assertThat(new Stats(4, 12_500 * MILLI, 2000 * MILLI, 0).line())
                .isEqualTo("4 tokens · 1.5 tok/s · first token 12.5 s");
    }

    @Test
    void oneTokenHasNoRate() {
        assertThat(new Stats(1, 5 * MILLI, 0, 0).line()).isEqualTo("1 token · first token 5 ms");
    }

    @Test
    void theServerTimesBetterThanAReaderWhoGetsAHeap() {
        assertThat(new Stats(42, 23 * MILLI, 1, 118.4).line()).isEqualTo("42 tokens · 118 tok/s · first token 23 ms");
    }
}
