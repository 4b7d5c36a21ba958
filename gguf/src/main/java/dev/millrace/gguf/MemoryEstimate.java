package dev.millrace.gguf;

import static dev.millrace.gguf.Saturated.plus;
import static dev.millrace.gguf.Saturated.times;

import java.util.Locale;

/// The memory a model takes when it serves, from its header alone. An estimate from above, by what llama.cpp 0.5.0
/// allocates on a processor without a GPU. *Immutable.*
///
/// - Weights: the bytes of all tensors. Mapped pages count, though the system may drop and read them again.
/// - KV: cells, rounded up to 256 per cache, times the sum over layers of `head_count_kv` x (`key_length` +
///   `value_length`) numbers of 16 bits. Layers with a sliding window are counted as if they had none.
/// - State of recurrent layers: for each sequence and layer, `(conv_kernel - 1) x (inner_size + 2 x group_count x
///   state_size) + inner_size x state_size` numbers of 32 bits, as `n_embd_r` and `n_embd_s` of llama.cpp. Where the
///   header does not tell which layers of a mixed model are recurrent, each counts as both.
/// - Compute: of a whole batch, six activations of a layer and three of its inner width, and the mask of the longest
/// sequence's attention (32 bits for each token and cell, and 16 more for the copy that flash attention
///   reads); twice if
///   a lane is used. That is what steps touch: the scores of attention are never whole in memory with flash attention,
/// which 0.5.0 uses by itself, and of the logits that llama.cpp reserves only those of outputs are written.
///   The older
///   b4916 does keep the scores: batch x cells x heads x 4 bytes more, once a prompt is that long.
/// - Overhead: what llama.cpp itself takes, two vectors of logits per sequence, about 300 bytes per token and 200 per
///   merge of the vocabulary.
///
/// A missing field counts as the largest that makes sense: as many KV heads as heads, values as wide as keys.
///
/// @param weightsBytes all tensors
/// @param kvBytes cells of attention, of the cache of the steps and of the lane
/// @param stateBytes state of recurrent layers
/// @param computeBytes of the graphs
/// @param overheadBytes all else
public record MemoryEstimate(long weightsBytes, long kvBytes, long stateBytes, long computeBytes, long overheadBytes) {
    private static final int KV_NUMBER_BYTES = 2;
    private static final int CELL_ROUNDING = 256;
    private static final int ACTIVATIONS = 6;
    private static final int MASK_BYTES = 4 + 2;
    /// What is left of a worker's memory besides all that is computed here and the worker without a model, by
    /// `tools/bench/memory.sh`: code, tables, threads, the small objects of a model.
    private static final long LIBRARIES_BYTES = 38L << 20;
    private static final int TOKEN_BYTES = 300;
    private static final int MERGE_BYTES = 200;
    private static final double GIB = 1 << 30;

    /// How the model is to be run.
    ///
    /// @param kvCells tokens in the KV cache of all sequences together
    /// @param laneCells tokens in the cache of the prefill lane; 0 without one
    /// @param sequences running ones and those kept for reuse
    /// @param batchTokens most tokens of one step
    public record Settings(int kvCells, int laneCells, int sequences, int batchTokens) {
        public Settings {
            if (kvCells < 1 || laneCells < 0 || sequences < 1 || batchTokens < 1) {
                throw new IllegalArgumentException(
                        "kvCells, laneCells, sequences, batchTokens: " + kvCells + ", " + laneCells + ", " + sequences
                                + ", " + batchTokens + " (expected: 1 or more, laneCells 0 or more)");
            }
        }
    }

    /// Of a model with all its files.
    public static MemoryEstimate of(GgufModel model, Settings settings) {
        ModelShape shape = ModelShape.of(model.first(), model.weights());
        long cells = rounded(settings.kvCells()) + rounded(settings.laneCells());
        int contexts = settings.laneCells() > 0 ? 2 : 1;
        // A lane has room for one sequence; without one there is one sequence at a time, or one cache for all.
        long longest = rounded(settings.laneCells() > 0 ? settings.laneCells() : settings.kvCells());
        long tokens = model.first().metadata().count("tokenizer.ggml.tokens");
        long merges = model.first().metadata().count("tokenizer.ggml.merges");
        return new MemoryEstimate(
                model.weights().bytes(),
                times(cells, shape.kvNumbers(), KV_NUMBER_BYTES),
                times(settings.sequences() + contexts, shape.stateNumbers(), Float.BYTES),
                times(contexts, compute(shape, settings.batchTokens(), longest)),
                LIBRARIES_BYTES
                        + times(2, settings.sequences(), shape.vocabulary(), Float.BYTES)
                        + times(tokens, TOKEN_BYTES)
                        + times(merges, MERGE_BYTES));
    }

    /// Bytes of the KV cache for one token.
    public static long kvBytesPerToken(GgufModel model) {
        return times(ModelShape.of(model.first(), model.weights()).kvNumbers(), KV_NUMBER_BYTES);
    }

    /// All of it.
    public long totalBytes() {
        return plus(plus(weightsBytes, plus(kvBytes, stateBytes)), plus(computeBytes, overheadBytes));
    }

    /// For people: `7.1 GiB = 6.2 weights + 0.7 KV + 0.2 compute + 0.1 other`.
    public String sum() {
        return String.format(
                Locale.ROOT,
                "%.1f GiB = %.1f weights + %.1f KV + %.1f compute + %.1f other",
                totalBytes() / GIB,
                weightsBytes / GIB,
                plus(kvBytes, stateBytes) / GIB,
                computeBytes / GIB,
                overheadBytes / GIB);
    }

    private static long compute(ModelShape shape, int batch, long cells) {
        long activations = times(batch, plus(times(ACTIVATIONS, shape.width()), times(3, shape.inner())), Float.BYTES);
        return plus(activations, times(batch, cells, MASK_BYTES));
    }

    private static long rounded(long cells) {
        return (cells + CELL_ROUNDING - 1) / CELL_ROUNDING * CELL_ROUNDING;
    }
}
