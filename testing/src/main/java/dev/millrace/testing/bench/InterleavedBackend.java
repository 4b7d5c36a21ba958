package dev.millrace.testing.bench;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.batch.ModelBackend;
import dev.millrace.engine.batch.PrefillLane;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.engine.batch.Vocabulary;
import dev.millrace.engine.sample.TokenSampler;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs blocks of bare forward passes between blocks of the engine's steps, on the same thread and the same context,
/// and times both. The speed of a shared machine changes within seconds by more than what is to be measured; two
/// blocks that follow each other within a second see the same machine.
///
/// The bare passes work on sequences of their own at the top of the backend's slots, as many and as long as the
/// engine's. *Confined to the engine thread.*
public final class InterleavedBackend implements ModelBackend {
    /// Steps of a block that are timed.
    public static final int BLOCK = 20;

    /// Steps before them that are not: the change from one kind to the other has a cost of its own.
    private static final int SETTLE = 3;

    private final ModelBackend backend;
    private final int sequences;
    private final int firstBareSlot;
    private final NanoClock clock;
    private final StepBatch bareBatch;
    private final SplittableRandom random = new SplittableRandom(7);
    private final Consumer<Pair> sink;
    private int steps;
    private int barePosition;
    private long fromNanos;

    /// @param sequences sequences that decode at once; the backend needs twice as many slots
    /// @param sink told of each pair of blocks, on the engine thread, at a moment that is not timed
    public InterleavedBackend(ModelBackend backend, int sequences, NanoClock clock, Consumer<Pair> sink) {
        this.backend = backend;
        this.sequences = sequences;
        this.firstBareSlot = backend.limits().slots() - sequences;
        this.clock = clock;
        this.sink = sink;
        this.bareBatch = new StepBatch(backend.limits().batchTokens());
    }

    /// A block of [#BLOCK] steps of the engine and the bare one right behind it, by the clock.
    public record Pair(long fromNanos, long toNanos, long bareNanos) {
        /// Nanoseconds of the engine's block.
        public long engineNanos() {
            return toNanos - fromNanos;
        }

        /// The engine's rate as a share of the bare one.
        public double ratio() {
            return (double) bareNanos / engineNanos();
        }
    }

    @Override
    public StepResult decode(StepBatch batch) {
        if (!isSteady(batch)) {
            steps = 0;
            return backend.decode(batch);
        }
        if (steps == SETTLE) {
            fromNanos = clock.nanoTime();
        } else if (steps == SETTLE + BLOCK) {
            long toNanos = clock.nanoTime();
            sink.accept(new Pair(fromNanos, toNanos, bareBlock(batch.position(0) - steps)));
            steps = 0;
        }
        steps++;
        return backend.decode(batch);
    }

    private boolean isSteady(StepBatch batch) {
        boolean steady = batch.size() == sequences;
        for (int i = 0; steady && i < sequences; i++) {
            steady = batch.output(i);
        }
        return steady;
    }

    /// Only the forward pass: random tokens, no sampling, from the position at which the engine's block began.
    private long bareBlock(int fromPosition) {
        moveTo(fromPosition);
        long start = 0;
        for (int step = 0; step < SETTLE + BLOCK; step++) {
            if (step == SETTLE) {
                start = clock.nanoTime();
            }
            bareBatch.clear();
            for (int s = 0; s < sequences; s++) {
                bareBatch.add(token(), fromPosition + step, firstBareSlot + s, true);
            }
            decodeBare();
        }
        barePosition = fromPosition + SETTLE + BLOCK;
        return clock.nanoTime() - start;
    }

    private void moveTo(int position) {
        for (int s = 0; s < sequences && barePosition > position; s++) {
            backend.truncate(firstBareSlot + s, position);
        }
        for (int s = 0; s < sequences && barePosition < position; s++) {
            bareBatch.clear();
            for (int p = barePosition; p < position; p++) {
                bareBatch.add(token(), p, firstBareSlot + s, p == position - 1);
            }
            decodeBare();
        }
    }

    private void decodeBare() {
        if (backend.decode(bareBatch) != StepResult.OK) {
            throw new IllegalStateException("a bare forward pass failed");
        }
    }

    /// One behind the control and byte tokens.
    private int token() {
        return 300 + random.nextInt(vocabulary().size() - 400);
    }

    @Override
    public Limits limits() {
        Limits all = backend.limits();
        return new Limits(
                all.contextTokens(),
                all.kvCells() / 2,
                all.slots() - sequences,
                sequences,
                all.batchTokens(),
                all.canCut());
    }

    @Override
    public ModelDescription model() {
        return backend.model();
    }

    @Override
    public Vocabulary vocabulary() {
        return backend.vocabulary();
    }

    @Override
    public int sample(int batchIndex, TokenSampler sampler) {
        return backend.sample(batchIndex, sampler);
    }

    @Override
    public void copyPrefix(int fromSlot, int toSlot, int tokens) {
        backend.copyPrefix(fromSlot, toSlot, tokens);
    }

    @Override
    public void truncate(int slot, int fromPosition) {
        backend.truncate(slot, fromPosition);
    }

    @Override
    public void abortStep() {
        backend.abortStep();
    }

    @Override
    public @Nullable PrefillLane lane() {
        return backend.lane();
    }

    @Override
    public void close() {
        backend.close();
    }
}
