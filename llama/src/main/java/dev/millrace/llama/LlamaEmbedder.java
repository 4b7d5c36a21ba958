package dev.millrace.llama;

import static java.util.Objects.requireNonNull;

import dev.millrace.engine.batch.Embedder;
import dev.millrace.llama.ffm.ContextSettings;
import dev.millrace.llama.ffm.DecodeResult;
import dev.millrace.llama.ffm.LlamaContext;
import dev.millrace.llama.ffm.LlamaException;
import dev.millrace.llama.ffm.LlamaModel;
import dev.millrace.llama.natives.NativeAbi;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Embeddings on llama.cpp: a context of its own, made when the first are asked for. *Confined to the engine thread*,
/// except [#dimensions] and [#refusal].
///
/// Vectors of tokens are pooled here and not by the library, which pools what is in one micro-batch: so a long input
/// may be computed in parts, and needs no buffers for all of it at once.
final class LlamaEmbedder implements Embedder, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LlamaEmbedder.class);
    private static final int MOST_SLOTS = 64;
    private static final int MOST_RUN_TOKENS = 512;
    private static final int FEWEST_RUN_TOKENS = 32;

    /// Longest input of a model that must read it at once: attention takes memory by its square.
    static final int MOST_WHOLE_TOKENS = 2_048;

    /// The library computes logits for each token of a run, wanted or not.
    private static final long LOGIT_BYTES = 128L << 20;

    private final LlamaModel model;
    private final int contextTokens;
    private final Cores cores;
    private final IntSupplier wantedThreads;
    private final Pooling pooling;
    private final String refusal;
    private final float[] ofToken;
    private @Nullable LlamaContext context;
    private Runnable alive = () -> {};
    private int runTokens;
    private int slots;
    private int threads;
    private boolean canSplit;

    /// @param recurrent the state of a sequence is one whole
    /// @param cores each run takes some
    /// @param wantedThreads as many as are good for a step now
    LlamaEmbedder(LlamaModel model, int contextTokens, boolean recurrent, Cores cores, IntSupplier wantedThreads) {
        this.model = model;
        this.contextTokens = contextTokens;
        this.cores = cores;
        this.wantedThreads = wantedThreads;
        this.pooling = Pooling.of(model);
        // There the same text gets different vectors in different decodes.
        boolean unsound = recurrent && model.abi() == NativeAbi.B4916;
        this.refusal = unsound
                ? "recurrent models cannot make embeddings on llama.cpp b4916; llama.cpp 0.5.0 can"
                : pooling.refusal();
        this.ofToken = new float[model.vectorSize()];
    }

    @Override
    public int dimensions() {
        return ofToken.length;
    }

    @Override
    public String refusal() {
        return refusal;
    }

    @Override
    public boolean open(Runnable aliveNow) {
        alive = aliveNow;
        if (context != null) {
            return true;
        }
        try {
            openInParts();
            if (!canSplit) {
                close();
                openWhole();
            }
        } catch (LlamaException e) {
            LOG.warn("event=embeddings_off reason=\"{}\"", e.getMessage());
            close();
            return false;
        }
        LOG.info(
                "event=embeddings_on pooling={} run_tokens={} slots={} in_parts={}",
                pooling,
                runTokens,
                slots,
                canSplit);
        return true;
    }

    private void openInParts() {
        long affordable = LOGIT_BYTES / (Float.BYTES * (long) model.vocab().size());
        int wanted = Math.clamp(affordable, FEWEST_RUN_TOKENS, MOST_RUN_TOKENS);
        runTokens = Math.max(FEWEST_RUN_TOKENS, Math.min(contextTokens, wanted));
        context = make(null);
        alive.run();
        EmbeddingTrial.Findings findings = EmbeddingTrial.of(model, own(), alive);
        canSplit = findings.inParts();
        slots = findings.together() ? mostSlots() : 1;
    }

    /// A run of all that such a model takes may last for many seconds.
    private void openWhole() {
        runTokens = Math.min(contextTokens, MOST_WHOLE_TOKENS);
        context = make(() -> alive.run());
    }

    private LlamaContext make(@Nullable Runnable pausePoint) {
        // One input that was begun, and a run beside it; b4916 wants the cells of a run in one piece.
        int cells = contextTokens + 2 * runTokens;
        threads = 1;
        return new LlamaContext(model, ContextSettings.forEmbeddings(cells, runTokens, mostSlots()), pausePoint);
    }

    private LlamaContext own() {
        return requireNonNull(context, "context");
    }

    @Override
    public int runTokens() {
        return runTokens;
    }

    @Override
    public int slots() {
        return slots;
    }

    private int mostSlots() {
        return Math.min(MOST_SLOTS, model.maxSequences());
    }

    @Override
    public boolean canSplit() {
        return canSplit;
    }

    @Override
    public boolean run(List<Part> parts) {
        LlamaContext own = own();
        own.clearBatch();
        for (Part part : parts) {
            for (int i = part.from(); i < part.to(); i++) {
                own.add(part.tokens()[i], i, part.slot(), true);
            }
        }
        boolean done = decode(own) == DecodeResult.OK;
        int index = 0;
        for (Part part : parts) {
            if (done) {
                pool(own, part, index);
                index += part.size();
            }
            if (!done || part.isLast()) {
                forget(part.slot());
            }
        }
        return done;
    }

    private DecodeResult decode(LlamaContext own) {
        int got = cores.take(1, wantedThreads.getAsInt());
        try {
            if (got != threads) {
                threads = got;
                own.threads(got);
            }
            return own.decode();
        } finally {
            cores.leave();
        }
    }

    private void pool(LlamaContext own, Part part, int index) {
        float[] vector = part.vector();
        switch (pooling) {
            case FIRST -> {
                if (part.from() == 0) {
                    own.embedding(index, vector);
                }
            }
            case LAST -> {
                if (part.isLast()) {
                    own.embedding(index + part.size() - 1, vector);
                }
            }
            case MEAN -> {
                float share = 1f / part.tokens().length;
                for (int i = 0; i < part.size(); i++) {
                    own.embedding(index + i, ofToken);
                    for (int k = 0; k < vector.length; k++) {
                        vector[k] += share * ofToken[k];
                    }
                }
            }
            case NONE, RANK -> throw new IllegalStateException("pooling: " + pooling + " was to be refused");
        }
    }

    @Override
    public void forget(int slot) {
        own().removeFrom(slot, 0);
    }

    /// Frees the context; the next [#open] makes another.
    @Override
    public void close() {
        if (context != null) {
            context.close();
            context = null;
        }
    }
}
