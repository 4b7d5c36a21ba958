package dev.millrace.engine.sample;

import dev.millrace.engine.Sampling;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Logit bias, penalties, then the largest logit or top-k, top-p, min-p, temperature and a draw. *Confined to
/// the engine thread.*
///
/// Each cut works on the probabilities that the cut before it left, as llama.cpp's chain does: top-p adds up
/// the softmax over the k tokens top-k kept. Nothing is ever sorted as a whole; see [Candidates] and [Softmax]
/// for what makes a choice among 100,000 tokens cheap.
final class ChainSampler implements TokenSampler {
    /// How far below the best one a token is near: a thousandth as likely.
    private static final float NEAR = 7;

    private final Sampling sampling;
    private final SamplerScratch scratch;
    private final int size;
    private final TokenHistory history;
    private final int[] biasIds;
    private final float[] biases;
    private final SplitMix random;
    private final Candidates candidates;

    private boolean broken;
    private @Nullable Chances chances;

    ChainSampler(Sampling sampling, SamplerScratch scratch) {
        this.sampling = sampling;
        this.scratch = scratch;
        this.size = scratch.vocabularySize();
        this.history = new TokenHistory(sampling.penalties());
        this.random = new SplitMix(sampling.seed());
        this.candidates = new Candidates(scratch);
        // Ids outside the vocabulary are left out here, so that they need no check at each choice.
        Map<Integer, Float> bias = new TreeMap<>(sampling.logitBias());
        bias.keySet().removeIf(id -> id < 0 || id >= size);
        this.biasIds = bias.keySet().stream().mapToInt(id -> id).toArray();
        this.biases = new float[biasIds.length];
        for (int i = 0; i < biases.length; i++) {
            biases[i] = bias.getOrDefault(biasIds[i], 0f);
        }
    }

    @Override
    public Sampling sampling() {
        return sampling;
    }

    @Override
    public void accept(int token) {
        if (token >= 0 && token < size) {
            history.accept(token);
        }
    }

    @Override
    public int choose(float[] logits) {
        if (logits.length < size) {
            throw new IllegalArgumentException("logits: " + logits.length + " (expected: >= " + size + ")");
        }
        boolean withChances = sampling.logprobs() != Sampling.NO_LOGPROBS;
        if (withChances) {
            System.arraycopy(logits, 0, scratch.unmodified(), 0, size);
        }
        modify(logits);
        float max = maximum(logits);
        broken = max == Float.NEGATIVE_INFINITY;
        int chosen = broken ? 0 : sampling.isGreedy() ? largest(logits, max) : draw(logits, max);
        if (withChances) {
            chances = chancesOf(chosen, scratch.unmodified());
        }
        return chosen;
    }

    @Override
    public boolean sawBrokenLogits() {
        return broken;
    }

    @Override
    public @Nullable Chances lastChances() {
        return chances;
    }

    private void modify(float[] logits) {
        for (int i = 0; i < biasIds.length; i++) {
            logits[biasIds[i]] += biases[i];
        }
        if (!history.isEmpty()) {
            history.penalise(logits, scratch.counts());
        }
    }

    private float maximum(float[] logits) {
        float max = Softmax.maxima(logits, size, scratch.laneMaxima(), scratch.weights());
        if (Math.abs(max) <= Float.MAX_VALUE) {
            return max;
        }
        Softmax.repair(logits, size);
        return Softmax.maxima(logits, size, scratch.laneMaxima(), scratch.weights());
    }

    private int largest(float[] logits, float max) {
        return Softmax.indexOf(max, logits, size, scratch.laneMaxima());
    }

    private int draw(float[] logits, float max) {
        double random = this.random.next();
        float temperature = Math.max(sampling.temperature(), 1e-6f);
        if (!cut(logits, max)) {
            Softmax.exponentials(logits, size, max, temperature, scratch.weights());
            return Softmax.pick(random, scratch.weights(), size);
        }
        candidates.weigh(max, temperature);
        return candidates.id(Softmax.pick(random, scratch.weights(), candidates.size()));
    }

    /// Collects the candidates that top-k, top-p and min-p leave.
    ///
    /// @return false if none of them is on, and nothing was collected
    private boolean cut(float[] logits, float max) {
        boolean topK = sampling.topK() > 0 && sampling.topK() < size;
        boolean topP = sampling.topP() < 1;
        boolean minP = sampling.minP() > 0;
        float floor = minP ? max + (float) Math.log(sampling.minP()) : Float.NEGATIVE_INFINITY;
        if (topK) {
            candidates.collectTop(sampling.topK(), logits, size, scratch.laneMaxima());
            if (topP) {
                candidates.keepMass(sampling.topP() * candidates.weigh(max, 1));
            }
        } else if (topP) {
            cutToMass(logits, max);
        } else if (minP) {
            candidates.collect(logits, size, scratch.laneMaxima(), floor);
        }
        if (minP) {
            candidates.keepAtLeast(floor);
        }
        return topK || topP || minP;
    }

    /// Top-p over the whole vocabulary. Usually the tokens not far below the best one already make up the mass;
    /// else all are collected but those so unlikely that together they cannot be more than the mass left out.
    private void cutToMass(float[] logits, float max) {
        float[] weights = scratch.weights();
        Softmax.exponentials(logits, size, max, 1, weights);
        double sum = Softmax.sum(weights, 0, size);
        double mass = sampling.topP() * sum;
        int near = Softmax.countAtLeast(scratch.laneMaxima(), max - NEAR);
        if (near <= scratch.laneMaxima().length / 2) {
            candidates.collect(logits, size, scratch.laneMaxima(), max - NEAR);
            if (candidates.weigh(max, 1) >= mass) {
                candidates.keepMass(mass);
                return;
            }
            Softmax.exponentials(logits, size, max, 1, weights);
        }
        double unlikely = (1 - (double) sampling.topP()) * sum / size;
        candidates.collectWeighed(logits, size, (float) Math.min(unlikely * 0.999, 1));
        candidates.keepMass(mass);
    }

    private Chances chancesOf(int chosen, float[] logits) {
        float max = maximum(logits);
        Softmax.exponentials(logits, size, max, 1, scratch.weights());
        double logSum = max + Math.log(Softmax.sum(scratch.weights(), 0, size));
        int count = Math.min(sampling.logprobs(), size);
        int[] ids = new int[count];
        float[] logprobs = new float[count];
        if (count > 0) {
            candidates.collectTop(count, logits, size, scratch.laneMaxima());
            candidates.sortTop(count);
            for (int i = 0; i < count; i++) {
                ids[i] = candidates.id(i);
                logprobs[i] = (float) (candidates.logit(i) - logSum);
            }
        }
        return new Chances(chosen, (float) (logits[chosen] - logSum), ids, logprobs);
    }
}
