package dev.millrace.llama;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.batch.PrefillLane.Progress;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.llama.ffm.ContextSettings;
import dev.millrace.llama.ffm.DecodeResult;
import dev.millrace.llama.ffm.LlamaContext;
import dev.millrace.llama.ffm.LlamaException;
import dev.millrace.llama.ffm.LlamaModel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tries whether prompts can be computed beside the steps with this model. Not all kinds of memory can be copied in
/// parts, and a wrong copy would be seen in the answers only; so a short prompt is computed both ways.
final class LaneTrial {
    private static final Logger LOG = LoggerFactory.getLogger(LaneTrial.class);
    private static final int TOKENS = 12;
    private static final long PLENTY_NANOS = 60_000_000_000L;

    // Of the range of the logits. Batches of different shapes differ by some thousandths.
    private static final float TOLERANCE = 0.05f;

    private LaneTrial() {}

    /// The lane, or null if there is no memory for it or it does not work with this model. `main` is left empty.
    static @Nullable LlamaLane openIfItWorks(
            LlamaModel model, LlamaContext main, ContextSettings settings, int token, Cores cores, NanoClock clock) {
        LlamaLane lane;
        try {
            lane = new LlamaLane(model, main, settings, cores, clock);
        } catch (LlamaException e) {
            LOG.info("event=prefill_lane_off reason=\"{}\"", e.getMessage());
            return null;
        }
        try {
            if (settings.kvCells() >= TOKENS
                    && sameLogits(main, lane, token, model.vocab().size())) {
                return lane;
            }
            LOG.info("event=prefill_lane_off reason=\"other results\"");
        } catch (LlamaException | IllegalStateException e) {
            LOG.info("event=prefill_lane_off reason=\"{}\"", e.getMessage());
        } finally {
            main.clearSequences();
            lane.truncated(0, 0);
        }
        lane.close();
        return null;
    }

    private static boolean sameLogits(LlamaContext main, LlamaLane lane, int token, int vocabulary) {
        float[] expected = new float[vocabulary];
        step(main, token, 0, expected);
        main.clearSequences();
        float[] actual = new float[vocabulary];
        int split = TOKENS / 2;
        compute(main, token, 0, split, false);
        StepBatch chunk = new StepBatch(TOKENS);
        for (int position = split; position < TOKENS - 1; position++) {
            chunk.add(token + position % 2, position, 0, false);
        }
        lane.begin(chunk);
        Progress progress = Progress.RUNNING;
        while (progress == Progress.RUNNING) {
            progress = lane.advance(PLENTY_NANOS);
        }
        if (progress != Progress.DONE) {
            return false;
        }
        step(main, token, TOKENS - 1, actual);
        return alike(expected, actual);
    }

    /// Computes from a position to the last, and reads the logits behind it.
    private static void step(LlamaContext main, int token, int from, float[] logits) {
        compute(main, token, from, TOKENS, true);
        main.logits(TOKENS - 1 - from, logits);
    }

    private static void compute(LlamaContext main, int token, int from, int to, boolean output) {
        main.clearBatch();
        for (int position = from; position < to; position++) {
            main.add(token + position % 2, position, 0, output && position == to - 1);
        }
        if (main.decode() != DecodeResult.OK) {
            throw new LlamaException("the first steps of the model failed");
        }
    }

    private static boolean alike(float[] expected, float[] actual) {
        float least = Float.POSITIVE_INFINITY;
        float most = Float.NEGATIVE_INFINITY;
        float difference = 0;
        for (int i = 0; i < expected.length; i++) {
            least = Math.min(least, expected[i]);
            most = Math.max(most, expected[i]);
            difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
        }
        return difference <= TOLERANCE * (most - least);
    }
}
