package dev.millrace.llama.ffm;

/// Sizes of a context. *Immutable.*
///
/// @param kvCells tokens the KV cache holds, of all sequences together
/// @param batchTokens most tokens of one decode; also the micro-batch, so that a decode that finds no room changed
/// nothing
/// @param sequences KV sequences
/// @param threads for single tokens and for batches alike
/// @param copies keep one more sequence inside, for parts of sequences on their way to or from another context
public record ContextSettings(int kvCells, int batchTokens, int sequences, int threads, boolean copies) {
    /// Without copies.
    public ContextSettings(int kvCells, int batchTokens, int sequences, int threads) {
        this(kvCells, batchTokens, sequences, threads, false);
    }

    int allSequences() {
        return copies ? sequences + 1 : sequences;
    }
}
