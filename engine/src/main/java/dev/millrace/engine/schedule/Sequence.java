package dev.millrace.engine.schedule;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Share;
import java.util.Arrays;

/// One token stream inside the engine, as the scheduler sees it. *Confined to the engine thread.*
///
/// `tokens[0..known)` are the prompt and what was generated; the first `computed` of them are in the KV cache. The
/// scheduler's whole aim is to let `computed` catch up with `known`.
public class Sequence {
    static final int NO_SLOT = -1;

    /// Where a sequence stands with the scheduler.
    public enum Phase {
        /// Accepted, without a slot; also after a preemption.
        WAITING,
        /// Holds a slot.
        RUNNING,
        /// Ended; no part of it is held for it any more.
        DONE
    }

    private final RequestId id;
    private final Share share;
    private final int promptTokens;
    private final int mostTokens;
    private final long arrivalNanos;
    final boolean repeatable;
    private int[] tokens;
    private int known;
    int computed;
    int cached;
    int slot = NO_SLOT;
    int preemptions;
    long order;
    double startTag;
    boolean paused;
    Phase phase = Phase.WAITING;

    /// @param prompt at least one token
    /// @param maxTokens most tokens to generate; prompt and these together fit the context
    /// @param arrivalNanos when the request arrived
    /// @param repeatable if it starts alone, compute it in the same steps every time
    public Sequence(RequestId id, Share share, int[] prompt, int maxTokens, long arrivalNanos, boolean repeatable) {
        this.id = id;
        this.share = share;
        this.promptTokens = prompt.length;
        this.mostTokens = prompt.length + maxTokens;
        this.arrivalNanos = arrivalNanos;
        this.repeatable = repeatable;
        // Room for the whole answer up front: appending a token never allocates.
        this.tokens = Arrays.copyOf(prompt, mostTokens);
        this.known = prompt.length;
    }

    /// The request it belongs to.
    public final RequestId id() {
        return id;
    }

    /// Whose share it runs on.
    public final Share share() {
        return share;
    }

    /// When it arrived.
    public final long arrivalNanos() {
        return arrivalNanos;
    }

    /// Tokens of the prompt.
    public final int promptTokens() {
        return promptTokens;
    }

    /// Tokens generated so far.
    public final int generatedTokens() {
        return known - promptTokens;
    }

    /// Prompt tokens and generated tokens.
    public final int known() {
        return known;
    }

    /// Tokens in the KV cache.
    public final int computed() {
        return computed;
    }

    /// Prompt tokens that were taken from the prefix cache at the first start.
    public final int cached() {
        return cached;
    }

    /// Times it lost its KV and was put back into the queue.
    public final int preemptions() {
        return preemptions;
    }

    /// The KV sequence it runs in; -1 without one.
    public final int slot() {
        return slot;
    }

    /// Where it stands.
    public final Phase phase() {
        return phase;
    }

    /// Token at `position`, below [#known].
    public final int token(int position) {
        return tokens[position];
    }

    /// True if another token fits.
    public final boolean hasRoom() {
        return known < mostTokens;
    }

    /// Adds a generated token.
    public final void append(int token) {
        tokens[known++] = token;
    }

    final int mostTokens() {
        return mostTokens;
    }

    final int remaining() {
        return known - computed;
    }

    /// True if a single token is missing: it decodes. (A prompt of one token does so from the start.)
    final boolean isDecoding() {
        return remaining() == 1;
    }

    /// Number of equal tokens at the start of both.
    final int commonPrefix(int[] other, int otherLength) {
        int mismatch = Arrays.mismatch(tokens, 0, known, other, 0, otherLength);
        return mismatch < 0 ? known : mismatch;
    }

    final int[] tokens() {
        return tokens;
    }
}
