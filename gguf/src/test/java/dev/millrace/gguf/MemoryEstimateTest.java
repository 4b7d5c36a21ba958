package dev.millrace.gguf;

import static dev.millrace.testing.gguf.RawGguf.I32;
import static dev.millrace.testing.gguf.RawGguf.LIST;
import static dev.millrace.testing.gguf.RawGguf.U32;
import static dev.millrace.testing.gguf.RawGguf.ints;
import static dev.millrace.testing.gguf.RawGguf.join;
import static dev.millrace.testing.gguf.RawGguf.longs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.gguf.RawGguf;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryEstimateTest {
    private final RawGguf raw = RawGguf.sound();

    private static GgufModel model(RawGguf raw) throws IOException {
        GgufFile file = Headers.read(raw);
        return new GgufModel(List.of(file), file.weights());
    }

    private static MemoryEstimate estimate(RawGguf raw) throws IOException {
        return MemoryEstimate.of(model(raw), new MemoryEstimate.Settings(1000, 0, 4, 512));
    }

    @Test
    void groupedHeadsShareTheirCells() throws IOException {
        // One layer, two of four heads, keys and values of 8 numbers, 1024 cells.
        assertThat(estimate(raw).kvBytes()).isEqualTo(2 * (8 + 8) * 2 * 1024L);
        assertThat(MemoryEstimate.kvBytesPerToken(model(raw))).isEqualTo(64);
    }

    @Test
    void headsThatDifferByLayerAreSummedUp() throws IOException {
        raw.entry("llama.block_count", U32, ints(3))
                .entry("llama.attention.head_count_kv", LIST, join(ints(I32), longs(3), ints(0, 2, 4)));

        assertThat(MemoryEstimate.kvBytesPerToken(model(raw))).isEqualTo((2 + 4) * 16 * 2);
    }

    @Test
    void keysAndValuesHaveTheirOwnLengths() throws IOException {
        raw.entry("llama.attention.key_length", U32, ints(24)).entry("llama.attention.value_length", U32, ints(16));

        assertThat(MemoryEstimate.kvBytesPerToken(model(raw))).isEqualTo(2 * 40 * 2);
    }

    @Test
    void missingHeadsCountAsManyAsCouldBe() throws IOException {
        raw.without("llama.attention.head_count_kv").without("llama.attention.head_count");

        assertThat(MemoryEstimate.kvBytesPerToken(model(raw))).isEqualTo(2 * 32 * 2);
    }

    @Test
    void recurrentModelHasAStateForEachSequenceAndNoCells() throws IOException {
        RawGguf mamba = RawGguf.sound();
        mamba.entry("general.architecture", RawGguf.TEXT, RawGguf.text("mamba"))
                .entry("mamba.block_count", U32, ints(2))
                .entry("mamba.embedding_length", U32, ints(32))
                .entry("mamba.attention.head_count", U32, ints(0))
                .entry("mamba.ssm.conv_kernel", U32, ints(4))
                .entry("mamba.ssm.inner_size", U32, ints(64))
                .entry("mamba.ssm.state_size", U32, ints(16))
                .noTensors()
                .tensor("blk.0.ssm_in.weight", 0, 0, 32)
                .dataBytes(128);

        MemoryEstimate estimate = estimate(mamba);

        assertThat(estimate.kvBytes()).isZero();
        assertThat(estimate.stateBytes()).isEqualTo(5 * 2 * (3 * 64 + 64 * 16) * 4);
    }

    @Test
    void laneHasACacheAndAGraphOfItsOwn() throws IOException {
        MemoryEstimate without = estimate(raw);

        MemoryEstimate with = MemoryEstimate.of(model(raw), new MemoryEstimate.Settings(1000, 1000, 4, 512));

        assertThat(with.kvBytes()).isEqualTo(2 * without.kvBytes());
        assertThat(with.computeBytes()).isEqualTo(2 * without.computeBytes());
    }

    @Test
    void absurdLengthsDoNotOverflow() throws IOException {
        raw.entry("llama.attention.key_length", U32, ints(-1))
                .entry("llama.ssm.inner_size", U32, ints(-1))
                .entry("llama.ssm.state_size", U32, ints(-1))
                .entry("llama.block_count", U32, ints(512));

        assertThat(estimate(raw).totalBytes()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void sumSaysWhatItIsMadeOf() {
        long gib = 1L << 30;

        assertThat(new MemoryEstimate(6 * gib, gib / 2, 0, gib / 4, 0).sum())
                .isEqualTo("6.8 GiB = 6.0 weights + 0.5 KV + 0.3 compute + 0.0 other");
    }
}
