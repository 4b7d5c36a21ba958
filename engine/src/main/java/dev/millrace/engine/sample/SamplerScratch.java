package dev.millrace.engine.sample;

/// Working memory of all samplers of one thread, so that hundreds of sequences do not each hold arrays as long
/// as the vocabulary. *Confined to the engine thread.* Nothing in it outlives a call of [TokenSampler#choose].
public final class SamplerScratch {
    /// Few enough that a lane without a candidate is worth skipping, many enough that lanes are few.
    private static final int TOKENS_PER_LANE = 64;

    private final int vocabularySize;
    private final float[] laneMaxima;
    private final long[] keys;
    private final float[] weights;
    /// Both stay empty until a sampler needs them.
    private float[] unmodified = {};

    private int[] counts = {};

    /// @param vocabularySize number of logits each [TokenSampler#choose] gets, 1 or more
    public SamplerScratch(int vocabularySize) {
        if (vocabularySize < 1) {
            throw new IllegalArgumentException("vocabularySize: " + vocabularySize + " (expected: >= 1)");
        }
        this.vocabularySize = vocabularySize;
        this.laneMaxima = new float[lanes(vocabularySize)];
        this.keys = new long[vocabularySize];
        this.weights = new float[vocabularySize];
    }

    private static int lanes(int vocabularySize) {
        int wanted = Math.max(1, vocabularySize / TOKENS_PER_LANE);
        return Math.min(vocabularySize, Integer.highestOneBit(2 * wanted - 1));
    }

    int vocabularySize() {
        return vocabularySize;
    }

    /// The largest logit of each lane, see [Softmax#maxima].
    float[] laneMaxima() {
        return laneMaxima;
    }

    long[] keys() {
        return keys;
    }

    float[] weights() {
        return weights;
    }

    /// Room for a copy of the logits as the model gave them.
    float[] unmodified() {
        if (unmodified.length == 0) {
            unmodified = new float[vocabularySize];
        }
        return unmodified;
    }

    /// One counter per token, all zero between uses.
    int[] counts() {
        if (counts.length == 0) {
            counts = new int[vocabularySize];
        }
        return counts;
    }
}
