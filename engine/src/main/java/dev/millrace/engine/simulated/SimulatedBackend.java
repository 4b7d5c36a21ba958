package dev.millrace.engine.simulated;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.batch.BackendFactory;
import dev.millrace.engine.batch.Embedder;
import dev.millrace.engine.batch.ModelBackend;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.engine.batch.Vocabulary;
import dev.millrace.engine.sample.TokenSampler;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/// A backend that takes time instead of computing. It keeps a hash of every prefix of every slot, so its answers
/// depend on exactly the tokens in the KV: a mix-up between sequences changes the words. *Confined to the engine
/// thread.*
public final class SimulatedBackend implements ModelBackend {
    private final ModelDescription model;
    private final Limits limits;
    private final SimulatedCost cost;
    private final SimulatedFaults faults;
    private final int answerTokens;
    private final Pace pace;
    private final Embedder embedder;
    private final long[][] prefixHashes;
    private final int[] lengths;
    private final long[] outputHashes;
    private final AtomicBoolean aborted = new AtomicBoolean();
    private final BooleanSupplier isAborted = aborted::get;
    private long steps;

    /// @param answerTokens mean length of an answer that nothing else ends
    public SimulatedBackend(
            ModelId id, Limits limits, SimulatedCost cost, SimulatedFaults faults, int answerTokens, Pace pace) {
        this.model = new ModelDescription(id, "simulated", limits.contextTokens(), 0, 0, true);
        this.limits = limits;
        this.cost = cost;
        this.faults = faults;
        this.answerTokens = answerTokens;
        this.pace = pace;
        embedder = new SimulatedEmbedder(limits.batchTokens(), limits.runningSlots(), cost, pace);
        prefixHashes = new long[limits.slots()][limits.contextTokens()];
        lengths = new int[limits.slots()];
        outputHashes = new long[limits.batchTokens()];
    }

    /// A factory for this backend, its cost known to the scheduler from the start.
    public BackendFactory asLoaded() {
        return () -> new BackendFactory.Loaded(this, cost.asMeasured());
    }

    @Override
    public ModelDescription model() {
        return model;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Vocabulary vocabulary() {
        return InventedWords.INSTANCE;
    }

    @Override
    public StepResult decode(StepBatch batch) {
        steps++;
        aborted.set(false);
        if (isDue(faults.failAtStep()) && steps == faults.failAtStep()) {
            return StepResult.FAILED;
        }
        if (isDue(faults.fullEverySteps())) {
            return StepResult.KV_FULL;
        }
        int outputs = 0;
        for (int i = 0; i < batch.size(); i++) {
            append(batch, i);
            outputs += batch.output(i) ? 1 : 0;
        }
        long stallNanos = isDue(faults.stallEverySteps()) ? faults.stall().toNanos() : 0;
        pace.pass(cost.nanos(outputs, batch.size() - outputs) + stallNanos, isAborted);
        return aborted.get() ? StepResult.ABORTED : StepResult.OK;
    }

    private boolean isDue(long every) {
        return every > 0 && steps % every == 0;
    }

    private void append(StepBatch batch, int index) {
        int slot = batch.slot(index);
        int position = batch.position(index);
        if (position != lengths[slot]) {
            throw new IllegalStateException(
                    "position " + position + " in slot " + slot + " (expected: " + lengths[slot] + ")");
        }
        long before = position == 0 ? 0 : prefixHashes[slot][position - 1];
        long hash = SplitMix.mix(before * 31 + batch.token(index) + 1);
        prefixHashes[slot][position] = hash;
        lengths[slot] = position + 1;
        outputHashes[index] = hash;
    }

    @Override
    public int sample(int batchIndex, TokenSampler sampler) {
        long hash = outputHashes[batchIndex];
        boolean ends = Long.remainderUnsigned(SplitMix.mix(hash), answerTokens) == 0;
        return ends ? InventedWords.END : InventedWords.INSTANCE.word(hash);
    }

    @Override
    public void copyPrefix(int fromSlot, int toSlot, int tokens) {
        if (lengths[toSlot] != 0) {
            throw new IllegalStateException("copy into slot " + toSlot + " that is not empty");
        }
        System.arraycopy(prefixHashes[fromSlot], 0, prefixHashes[toSlot], 0, tokens);
        lengths[toSlot] = tokens;
    }

    @Override
    public void truncate(int slot, int fromPosition) {
        lengths[slot] = Math.min(lengths[slot], fromPosition);
    }

    @Override
    public void abortStep() {
        aborted.set(true);
    }

    @Override
    public Embedder embedder() {
        return embedder;
    }

    @Override
    public void close() {
        Arrays.fill(lengths, 0);
    }
}
