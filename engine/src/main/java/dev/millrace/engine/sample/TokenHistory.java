package dev.millrace.engine.sample;

import dev.millrace.engine.Sampling.Penalties;

/// The latest tokens of one sequence, and what repeating them costs. *Confined to the engine thread.*
///
/// Only a ring of ids is kept per sequence; occurrences are counted anew for each choice in counters shared by
/// all sequences. That costs two passes over at most [Penalties#MAX_LAST_TOKENS] ids and no hash table.
final class TokenHistory {
    private final Penalties penalties;
    private final int[] ring;
    private int next;
    private int size;

    TokenHistory(Penalties penalties) {
        this.penalties = penalties;
        int length = penalties.isOff() ? 0 : Math.clamp(penalties.lastTokens(), 0, Penalties.MAX_LAST_TOKENS);
        this.ring = new int[length];
    }

    void accept(int token) {
        if (ring.length == 0) {
            return;
        }
        ring[next] = token;
        next = next + 1 == ring.length ? 0 : next + 1;
        size = Math.min(size + 1, ring.length);
    }

    /// Changes the logits of the tokens in the ring; leaves `counts` all zero, as it was.
    void penalise(float[] logits, int[] counts) {
        for (int i = 0; i < size; i++) {
            counts[ring[i]]++;
        }
        for (int i = 0; i < size; i++) {
            int token = ring[i];
            int count = counts[token];
            if (count > 0) {
                counts[token] = 0;
                logits[token] = penalised(logits[token], count);
            }
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    private float penalised(float logit, int count) {
        float repeat = penalties.repeat();
        float scaled = logit > 0 ? logit / repeat : logit * repeat;
        return scaled - penalties.presence() - penalties.frequency() * count;
    }
}
