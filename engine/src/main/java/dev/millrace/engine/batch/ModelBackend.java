package dev.millrace.engine.batch;

import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.sample.TokenSampler;
import org.jspecify.annotations.Nullable;

/// What runs the forward passes: llama.cpp, or a simulation of it.
///
/// Confined to the engine thread, except [#model], [#limits], [#vocabulary] and [#abortStep], which are
/// thread-safe. A *slot* here is a KV sequence id, `0..limits().slots() - 1`.
public interface ModelBackend extends AutoCloseable {
    /// The loaded model.
    ModelDescription model();

    /// Sizes the scheduler plans with.
    Limits limits();

    /// Tokens and texts of the model.
    Vocabulary vocabulary();

    /// Runs one forward pass over `batch`. Positions of each slot follow those already in its KV.
    ///
    /// Afterwards the KV holds exactly the batch's tokens behind what was there, except on [StepResult#ABORTED] and
    /// [StepResult#FAILED]: then the caller truncates every slot of the batch to where it was.
    StepResult decode(StepBatch batch);

    /// Chooses a token from the output at `batchIndex` of the last successful step. Allocates nothing unless the
    /// sampler was asked for log-probabilities.
    int sample(int batchIndex, TokenSampler sampler);

    /// Makes the first `tokens` positions of `fromSlot` also those of the empty slot `toSlot`, sharing their cells.
    /// Not called unless `limits().canCut()`.
    void copyPrefix(int fromSlot, int toSlot, int tokens);

    /// Removes everything at `fromPosition` and behind from the slot; 0 empties it. Without `limits().canCut()` nothing
    /// else is asked for that would remove anything.
    void truncate(int slot, int fromPosition);

    /// Makes the step that is running now, if any, end early with [StepResult#ABORTED], where that is possible.
    /// Thread-safe.
    void abortStep();

    /// Computes prompts beside the steps; null if this backend cannot.
    default @Nullable PrefillLane lane() {
        return null;
    }

    /// False if all it can do is make vectors: then no step is asked of it.
    default boolean generates() {
        return true;
    }

    /// Makes vectors of texts; null if this backend cannot.
    default @Nullable Embedder embedder() {
        return null;
    }

    @Override
    void close();

    /// How a step ended.
    enum StepResult {
        /// Outputs are there.
        OK,
        /// [#abortStep] was called.
        ABORTED,
        /// No room in the KV cache: the scheduler's account and the backend's disagree.
        KV_FULL,
        /// Anything else; the engine stops.
        FAILED
    }

    /// @param contextTokens most tokens of one sequence
    /// @param kvCells tokens the KV cache holds, of all sequences together; at least `contextTokens`
    /// @param slots KV sequences, running and kept for reuse together
    /// @param runningSlots most sequences that may run at once, at most `slots`
    /// @param batchTokens most tokens of one step
    /// @param canCut what a slot holds can be cut at any position; false for recurrent models, whose state is
    ///     one whole
    record Limits(int contextTokens, int kvCells, int slots, int runningSlots, int batchTokens, boolean canCut) {
        /// Of a model with a KV cache of which any part can be removed.
        public Limits(int contextTokens, int kvCells, int slots, int runningSlots, int batchTokens) {
            this(contextTokens, kvCells, slots, runningSlots, batchTokens, true);
        }

        /// The same with another answer to [#canCut].
        public Limits withCuts(boolean can) {
            return new Limits(contextTokens, kvCells, slots, runningSlots, batchTokens, can);
        }
    }
}
