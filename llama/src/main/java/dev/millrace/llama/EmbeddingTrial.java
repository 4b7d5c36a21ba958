package dev.millrace.llama;

import dev.millrace.llama.ffm.DecodeResult;
import dev.millrace.llama.ffm.LlamaContext;
import dev.millrace.llama.ffm.LlamaException;
import dev.millrace.llama.ffm.LlamaModel;

/// Tries how inputs may be computed: in parts, which needs a model that reads forwards only, and several in one decode.
/// Tried and not looked up alone, for not every file says how it reads, and not every build heeds what it says.
/// *Confined
/// to the engine thread.*
final class EmbeddingTrial {
    private static final int TOKENS = 8;
    private static final int FEWER = 3;

    // Of the largest number. Batches of different shapes differ by some thousandths at most.
    private static final float TOLERANCE = 0.01f;

    private final LlamaModel model;
    private final LlamaContext context;
    private final Runnable alive;

    private EmbeddingTrial(LlamaModel model, LlamaContext context, Runnable alive) {
        this.model = model;
        this.context = context;
        this.alive = alive;
    }

    /// What was found.
    ///
    /// @param inParts an input may be computed in parts
    /// @param together several may be in one decode
    record Findings(boolean inParts, boolean together) {}

    /// Leaves the context empty.
    ///
    /// @param context for at least two sequences
    /// @param alive called between its steps, which are the first of this context
    static Findings of(LlamaModel model, LlamaContext context, Runnable alive) {
        if (model.ofArchitecture("attention.causal").orElse("").equals("false")) {
            return new Findings(false, true);
        }
        EmbeddingTrial trial = new EmbeddingTrial(model, context, alive);
        return new Findings(trial.readsForwards() && trial.goesOn(), trial.keepsApart());
    }

    /// What follows a token changes nothing of its vector.
    private boolean readsForwards() {
        add(0, 0, 1);
        float[] alone = vector(0);
        add(0, 0, TOKENS);
        return alike(alone, vector(0));
    }

    /// Two parts, one after the other, come to the same as the whole.
    private boolean goesOn() {
        add(0, 0, TOKENS);
        float[] whole = vector(TOKENS - 1);
        add(0, 0, FEWER);
        step();
        context.clearBatch();
        add(0, FEWER, TOKENS);
        return alike(whole, vector(TOKENS - 1 - FEWER));
    }

    /// Two sequences in one decode come to the same as each alone.
    private boolean keepsApart() {
        add(0, 0, FEWER);
        float[] fewer = vector(FEWER - 1);
        add(1, 0, TOKENS);
        float[] more = vector(TOKENS - 1);
        add(0, 0, FEWER);
        add(1, 0, TOKENS);
        step();
        float[] second = read(FEWER + TOKENS - 1);
        return alike(fewer, vectorOfLastStep(FEWER - 1)) && alike(more, second);
    }

    private void add(int sequence, int from, int to) {
        int size = model.vocab().size();
        for (int i = from; i < to; i++) {
            context.add((int) ((long) size * (i + 1 + sequence) / (TOKENS + 2)), i, sequence, true);
        }
    }

    private void step() {
        alive.run();
        if (context.decode() != DecodeResult.OK) {
            throw new LlamaException("the first steps of the embeddings failed");
        }
    }

    /// Runs what was added and empties the context.
    private float[] vector(int index) {
        step();
        return vectorOfLastStep(index);
    }

    private float[] vectorOfLastStep(int index) {
        float[] vector = read(index);
        context.clearSequences();
        context.clearBatch();
        return vector;
    }

    private float[] read(int index) {
        float[] vector = new float[model.vectorSize()];
        context.embedding(index, vector);
        return vector;
    }

    private static boolean alike(float[] expected, float[] actual) {
        float largest = 0;
        float difference = 0;
        for (int k = 0; k < expected.length; k++) {
            largest = Math.max(largest, Math.abs(expected[k]));
            difference = Math.max(difference, Math.abs(expected[k] - actual[k]));
        }
        return difference <= TOLERANCE * largest;
    }
}
