package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.ModelId;
import dev.millrace.llama.KvSizing.Sizes;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.llama.natives.NativeLibrary;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class KvSizingTest {
    private static final long PLENTY = 1L << 40;
    private static final LlamaOptions DEFAULTS = LlamaOptions.of(
            new ModelId("m"),
            Path.of("m.gguf"),
            new NativeLibrary(NativeAbi.V0_5_0, Path.of("lib"), Path.of("lib", "libllama.so"), "test"));

    @Test
    void contextIsWhatTheModelWasTrainedWith() {
        assertThat(KvSizing.choose(DEFAULTS, 1_024, 1, PLENTY)).isEqualTo(new Sizes(1_024, 4 * 1_024, 1_024));
    }

    @Test
    void longTrainedContextIsNotTakenUnasked() {
        assertThat(KvSizing.choose(DEFAULTS, 131_072, 1, PLENTY)).isEqualTo(new Sizes(8_192, 4 * 8_192, 8_192));
    }

    @Test
    void manySlotsShareACappedCache() {
        assertThat(KvSizing.choose(DEFAULTS.withSlots(64, 0), 131_072, 1, PLENTY))
                .isEqualTo(new Sizes(8_192, 32_768, 8_192));
    }

    @Test
    void littleMemoryShrinksCacheFirstAndContextThen() {
        long cell = 1 << 20;

        assertThat(KvSizing.choose(DEFAULTS, 8_192, cell, 10_000 * cell)).isEqualTo(new Sizes(8_192, 10_000, 0));
        assertThat(KvSizing.choose(DEFAULTS, 8_192, cell, 1_000 * cell)).isEqualTo(new Sizes(1_000, 1_000, 0));
        assertThat(KvSizing.choose(DEFAULTS, 8_192, cell, 0)).isEqualTo(new Sizes(256, 256, 0));
    }

    @Test
    void promptsBesideTheStepsGetTheirOwnCacheOutOfTheSameMemory() {
        long cell = 1 << 20;

        assertThat(KvSizing.choose(DEFAULTS, 8_192, cell, 20_000 * cell))
                .isEqualTo(new Sizes(8_192, 20_000 - 8_192, 8_192));
        assertThat(KvSizing.choose(DEFAULTS.withSlots(1, 0), 8_192, cell, 20_000 * cell))
                .isEqualTo(new Sizes(8_192, 8_192, 0));
    }

    @Test
    void whatWasConfiguredIsNotQuestioned() {
        assertThat(KvSizing.choose(DEFAULTS.withContextTokens(65_536), 4_096, 1 << 20, 1))
                .isEqualTo(new Sizes(65_536, 65_536, 0));
        assertThat(KvSizing.choose(DEFAULTS.withKvCells(100_000), 4_096, 1, PLENTY))
                .isEqualTo(new Sizes(4_096, 100_000, 4_096));
        assertThat(KvSizing.choose(DEFAULTS.withKvCells(2_000), 4_096, 1, PLENTY))
                .isEqualTo(new Sizes(2_000, 2_000, 2_000));
    }
}
