package dev.millrace.llama.ffm;

/// Sizes of a context. *Immutable.*
///
/// @param kvCells tokens the KV cache holds, of all sequences together
/// @param batchTokens most tokens of one decode; also the micro-batch, so that a decode that finds no room changed
/// nothing
/// @param sequences KV sequences
/// @param threads for single tokens and for batches alike
/// @param copies keep one more sequence inside, for parts of sequences on their way to or from another context
/// @param embeddings keep the vector of each token, in place of the logits of a few
public record ContextSettings(
        int kvCells, int batchTokens, int sequences, int threads, boolean copies, boolean embeddings) {
    /// For logits.
    public ContextSettings(int kvCells, int batchTokens, int sequences, int threads, boolean copies) {
        this(kvCells, batchTokens, sequences, threads, copies, false);
    }

    /// For logits, without copies.
    public ContextSettings(int kvCells, int batchTokens, int sequences, int threads) {
        this(kvCells, batchTokens, sequences, threads, false);
    }

    /// For the vectors of tokens.
    public static ContextSettings forEmbeddings(int kvCells, int batchTokens, int sequences) {
        return new ContextSettings(kvCells, batchTokens, sequences, 1, false, true);
    }

    int allSequences() {
        return copies ? sequences + 1 : sequences;
    }
}
