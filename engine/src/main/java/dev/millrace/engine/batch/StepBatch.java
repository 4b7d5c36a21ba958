package dev.millrace.engine.batch;

/// The tokens of one step, as parallel arrays that are filled anew each step. *Confined to the engine thread.*
public final class StepBatch {
    private final int[] tokens;
    private final int[] positions;
    private final int[] slots;
    private final boolean[] outputs;
    private int size;

    /// @param capacity most tokens of one step
    public StepBatch(int capacity) {
        tokens = new int[capacity];
        positions = new int[capacity];
        slots = new int[capacity];
        outputs = new boolean[capacity];
    }

    /// Empties the batch.
    public void clear() {
        size = 0;
    }

    /// Adds one token.
    ///
    /// @param output true if a token will be sampled behind this one
    /// @return its index in the batch
    public int add(int token, int position, int slot, boolean output) {
        int index = size;
        tokens[index] = token;
        positions[index] = position;
        slots[index] = slot;
        outputs[index] = output;
        size = index + 1;
        return index;
    }

    /// Number of tokens.
    public int size() {
        return size;
    }

    /// Most tokens.
    public int capacity() {
        return tokens.length;
    }

    /// Token id at `index`.
    public int token(int index) {
        return tokens[index];
    }

    /// Position in its sequence at `index`.
    public int position(int index) {
        return positions[index];
    }

    /// Slot at `index`.
    public int slot(int index) {
        return slots[index];
    }

    /// True if logits are wanted at `index`.
    public boolean output(int index) {
        return outputs[index];
    }
}
