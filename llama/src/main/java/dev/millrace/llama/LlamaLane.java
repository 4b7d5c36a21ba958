package dev.millrace.llama;

import static java.util.Objects.requireNonNull;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.batch.PrefillLane;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.llama.ffm.ContextSettings;
import dev.millrace.llama.ffm.DecodeResult;
import dev.millrace.llama.ffm.KvBlock;
import dev.millrace.llama.ffm.LlamaContext;
import dev.millrace.llama.ffm.LlamaModel;
import org.jspecify.annotations.Nullable;

/// Prompts beside the steps, on llama.cpp: a second context, whose decodes run on a thread of their own and pause
/// between the nodes of their graph. The engine thread waits while it runs, so there is never more than one decode at
/// a time. What a chunk added to the KV is copied to the main context when the chunk is done.
final class LlamaLane implements PrefillLane, AutoCloseable {
    private static final int SEQUENCE = 0;
    private static final int NO_SLOT = -1;

    // Small enough to be copied within a slice of time.
    private static final int BLOCK_TOKENS = 128;

    private final LlamaContext main;
    private final Cores cores;
    private final NanoClock clock;
    private final RelayThread thread = new RelayThread("prefill");
    private final KvBlock block = new KvBlock();
    private final SectionTimes sections = new SectionTimes();
    private final int contextTokens;
    private @Nullable LlamaContext context;
    private int threads;
    private int chunkThreads;

    // The KV of positions 0..held-1 of main's slot is in this context, too.
    private int heldSlot = NO_SLOT;
    private int held;

    private @Nullable StepBatch chunk;
    private boolean computing;
    private boolean cancelling;
    private DecodeResult result = DecodeResult.FAILED;
    private long sliceEndNanos;
    private long sectionStartNanos;

    /// @param main made with copies
    /// @param settings of the second context: one sequence, with copies
    /// @param cores each slice takes as many as its chunk has threads
    /// @throws dev.millrace.llama.ffm.LlamaException if there is not enough memory
    LlamaLane(LlamaModel model, LlamaContext main, ContextSettings settings, Cores cores, NanoClock clock) {
        this.main = main;
        this.cores = cores;
        this.clock = clock;
        this.contextTokens = settings.kvCells();
        this.threads = settings.threads();
        try {
            thread.run(() -> context = new LlamaContext(model, settings, this::pausePoint));
        } catch (RuntimeException | Error e) {
            thread.close();
            throw e;
        }
    }

    @Override
    public int contextTokens() {
        return contextTokens;
    }

    /// Threads of the next chunks.
    void threads(int count) {
        threads = count;
    }

    /// The main context forgot what its slot held at `from` and behind.
    void truncated(int slot, int from) {
        if (slot == heldSlot) {
            held = Math.min(held, from);
        }
    }

    @Override
    public void begin(StepBatch next) {
        if (chunk != null) {
            throw new IllegalStateException("begin: while another chunk is computed");
        }
        chunk = next;
        held = next.slot(0) == heldSlot ? Math.min(held, next.position(0)) : 0;
        heldSlot = next.slot(0);
        forgetBehindHeld();
    }

    @Override
    public Progress advance(long nanos) {
        if (!computing) {
            chunkThreads = cores.take(1, threads);
        } else {
            // A graph that was begun keeps its threads.
            cores.take(chunkThreads, chunkThreads);
        }
        try {
            return advanceInTurn(nanos);
        } finally {
            cores.leave();
        }
    }

    private Progress advanceInTurn(long nanos) {
        StepBatch now = requireNonNull(chunk, "advance: no chunk was begun");
        sliceEndNanos = clock.nanoTime() + nanos;
        while (held < now.position(0)) {
            fetch(Math.min(now.position(0), held + BLOCK_TOKENS));
            if (clock.nanoTime() >= sliceEndNanos) {
                return Progress.RUNNING;
            }
        }
        boolean ended = computing ? thread.resume() : compute(now);
        computing = !ended;
        if (!ended) {
            return Progress.RUNNING;
        }
        chunk = null;
        return result == DecodeResult.OK ? handOver(now) : Progress.FAILED;
    }

    @Override
    public void cancel() {
        if (computing) {
            cancelling = true;
            own().abort();
            boolean ended = thread.resume();
            while (!ended) {
                ended = thread.resume();
            }
            cancelling = false;
            computing = false;
        }
        if (chunk != null) {
            chunk = null;
            forgetBehindHeld();
        }
    }

    /// Copies from the main context what this one lacks before the chunk.
    private void fetch(int to) {
        int from = held;
        main.copyOut(heldSlot, from, to, block);
        thread.run(() -> {
            if (!own().copyIn(block, SEQUENCE, from, to)) {
                throw new IllegalStateException("no room beside the steps for " + to + " tokens");
            }
        });
        held = to;
    }

    private boolean compute(StepBatch now) {
        return thread.run(() -> {
            LlamaContext own = own();
            own.threads(chunkThreads);
            own.clearBatch();
            for (int i = 0; i < now.size(); i++) {
                own.add(now.token(i), now.position(i), SEQUENCE, false);
            }
            sections.restart();
            sectionStartNanos = clock.nanoTime();
            result = own.decode();
            if (result == DecodeResult.OK) {
                int from = now.position(0);
                own.copyOut(SEQUENCE, from, from + now.size(), block);
            }
        });
    }

    private Progress handOver(StepBatch now) {
        int from = now.position(0);
        int to = from + now.size();
        if (!main.copyIn(block, heldSlot, from, to)) {
            forgetBehindHeld();
            return Progress.KV_FULL;
        }
        held = to;
        return Progress.DONE;
    }

    private void forgetBehindHeld() {
        int from = held;
        thread.run(() -> own().removeFrom(SEQUENCE, from));
    }

    /// On the lane's thread, between nodes of the graph: stops if the next section would not be over in time.
    private void pausePoint() {
        long now = clock.nanoTime();
        long next = sections.ended(now - sectionStartNanos);
        if (!cancelling && now + next > sliceEndNanos) {
            thread.pause();
            now = clock.nanoTime();
        }
        sectionStartNanos = now;
    }

    private LlamaContext own() {
        return requireNonNull(context, "context");
    }

    @Override
    public void close() {
        cancel();
        thread.run(() -> own().close());
        thread.close();
    }
}
