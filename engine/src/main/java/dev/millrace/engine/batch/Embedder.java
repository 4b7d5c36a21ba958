package dev.millrace.engine.batch;

import java.util.List;

/// Makes vectors of token sequences. *Confined to the engine thread*, except [#dimensions] and [#refusal].
///
/// It has sequences of its own, apart from those of the steps: what it computes leaves no trace in their KV.
public interface Embedder {
    /// Numbers in a vector.
    int dimensions();

    /// Why this model makes no vectors, for callers; empty if it does.
    String refusal();

    /// Gets ready for the first [#run], which may take memory and a few decodes of some tokens. Done once; what
    /// follows is told after it.
    ///
    /// @param alive called now and then within a run that may take long, so that it is not taken for a hang
    /// @return false if there is no memory for it; may be tried again
    boolean open(Runnable alive);

    /// Most tokens of one run.
    int runTokens();

    /// Sequences that may be in one run or begun: slots `0..slots() - 1`.
    int slots();

    /// True if the model reads forwards only, so that an input may be computed in parts, one run after the other.
    boolean canSplit();

    /// Computes parts of inputs in one decode. A part that ends its input completes the vector and leaves the slot
    /// empty; one that does not stays in its slot.
    ///
    /// @return false if it failed; all slots of the run are empty then
    boolean run(List<Part> parts);

    /// Forgets an input that was begun and will not be gone on with.
    void forget(int slot);

    /// A part of an input: tokens `from` to `to`, behind those that are in the slot already.
    ///
    /// @param vector takes up what the part adds; whole once `to` is the number of tokens, and not normalised
    @SuppressWarnings("ArrayRecordComponent") // never compared; the vector is written to on purpose
    record Part(int slot, int[] tokens, int from, int to, float[] vector) {
        /// Number of tokens.
        public int size() {
            return to - from;
        }

        /// True if this part is the end of its input.
        public boolean isLast() {
            return to == tokens.length;
        }
    }
}
