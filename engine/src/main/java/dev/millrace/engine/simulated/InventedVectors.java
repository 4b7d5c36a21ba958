package dev.millrace.engine.simulated;

/// Made-up vectors: they depend on exactly the tokens and their order, and mean nothing.
final class InventedVectors {
    /// Numbers in each.
    static final int DIMENSIONS = 64;

    private static final float SCALE = 1f / Integer.MAX_VALUE;

    private InventedVectors() {}

    /// Adds what the tokens `from` to `to` of an input make of its vector.
    static void add(int[] tokens, int from, int to, float[] vector) {
        long prefix = 0;
        for (int i = 0; i < to; i++) {
            prefix = SplitMix.mix(prefix * 31 + tokens[i] + 1);
            for (int k = 0; i >= from && k < DIMENSIONS; k++) {
                vector[k] += SCALE * (int) SplitMix.mix(prefix + k);
            }
        }
    }

    /// The vector of an input, of length 1.
    static float[] of(int[] tokens) {
        float[] vector = new float[DIMENSIONS];
        add(tokens, 0, tokens.length, vector);
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        for (int k = 0; k < DIMENSIONS; k++) {
            vector[k] = (float) (vector[k] / Math.sqrt(sum));
        }
        return vector;
    }
}
