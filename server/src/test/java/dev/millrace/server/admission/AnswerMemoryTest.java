package dev.millrace.server.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AnswerMemoryTest {
    private final AnswerMemory memory = new AnswerMemory(100);

    @Test
    void whatDoesNotFitTakesNothing() {
        assertThat(memory.take(60)).isTrue();
        assertThat(memory.take(41)).isFalse();
        assertThat(memory.take(40)).isTrue();

        assertThat(memory.taken()).isEqualTo(100);
    }

    @Test
    void whatWasGivenBackCanBeTakenAgain() {
        assertThat(memory.take(100)).isTrue();

        memory.free(100);

        assertThat(memory.taken()).isZero();
        assertThat(memory.take(100)).isTrue();
    }
}
