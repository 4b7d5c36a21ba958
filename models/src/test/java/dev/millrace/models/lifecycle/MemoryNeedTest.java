package dev.millrace.models.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryNeedTest {
    @Test
    void partsKeepTheirSharesInTheSumThatWasMeasured() {
        MemoryNeed need = new MemoryNeed(600, 200, 100, 100);

        assertThat(need.scaledTo(2_001)).isEqualTo(new MemoryNeed(1_200, 400, 200, 201));
        assertThat(need.scaledTo(7).total()).isEqualTo(7);
        assertThat(new MemoryNeed(0, 0, 0, 0).scaledTo(5).total()).isEqualTo(5);
    }
}
