package dev.millrace.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessorTest {
    @Test
    void readsModelAndTheFeaturesThatMatter() {
        Processor processor =
                Processor.parse("processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu avx avx2 fma sse4_2\n");

        assertThat(processor.model()).isEqualTo("Some CPU");
        assertThat(processor.features()).containsExactly("sse4_2", "avx", "avx2", "fma");
    }

    @Test
    void anUnreadableFileLeavesItUnknown() {
        assertThat(Processor.parse("").features()).isEmpty();
    }
}
