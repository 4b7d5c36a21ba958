package dev.millrace.server.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BreakerTest {
    private final Breaker breaker = new Breaker(2, 100);

    @Test
    void failuresInARowOpenItAndOneMayTryLater() {
        breaker.failed(0);
        breaker.succeeded();
        breaker.failed(1);
        assertThat(breaker.allows(2)).isTrue();
        breaker.failed(2);

        assertThat(breaker.allows(3)).isFalse();
        assertThat(breaker.allows(101)).isFalse();
        assertThat(breaker.allows(102)).isTrue();
        assertThat(breaker.allows(103)).as("one only").isFalse();
        breaker.failed(104);
        assertThat(breaker.allows(203)).isFalse();
        assertThat(breaker.allows(204)).isTrue();
        breaker.succeeded();
        assertThat(breaker.allows(205)).isTrue();
        assertThat(breaker.allows(206)).isTrue();
    }
}
