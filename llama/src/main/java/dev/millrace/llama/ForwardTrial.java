package dev.millrace.llama;

import dev.millrace.llama.ffm.DecodeResult;
import dev.millrace.llama.ffm.LlamaContext;
import dev.millrace.llama.ffm.LlamaException;
import dev.millrace.llama.ffm.LlamaModel;

/// Tries whether a model reads its input forwards only, so that what follows a token changes nothing of its vector.
/// Tried and not looked up alone, for not every file says so, and not every build heeds what it says.
final class ForwardTrial {
    private static final int TOKENS = 8;

    // Of the largest number. Batches of different shapes differ by some thousandths at most.
    private static final float TOLERANCE = 0.01f;

    private ForwardTrial() {}

    /// Leaves the context empty.
    ///
    /// @param alive called between its steps, which are the first of this context
    static boolean reads(LlamaModel model, LlamaContext context, Runnable alive) {
        if (model.ofArchitecture("attention.causal").orElse("").equals("false")) {
            return false;
        }
        float[] alone = first(model, context, 1);
        alive.run();
        float[] followed = first(model, context, TOKENS);
        float largest = 0;
        float difference = 0;
        for (int k = 0; k < alone.length; k++) {
            largest = Math.max(largest, Math.abs(alone[k]));
            difference = Math.max(difference, Math.abs(alone[k] - followed[k]));
        }
        return difference <= TOLERANCE * largest;
    }

    /// The vector of the first of some tokens.
    private static float[] first(LlamaModel model, LlamaContext context, int count) {
        context.clearBatch();
        int size = model.vocab().size();
        for (int i = 0; i < count; i++) {
            context.add(size * (i + 1) / (TOKENS + 2), i, 0, true);
        }
        if (context.decode() != DecodeResult.OK) {
            throw new LlamaException("the first steps of the embeddings failed");
        }
        float[] vector = new float[model.vectorSize()];
        context.embedding(0, vector);
        context.clearSequences();
        return vector;
    }
}
