package dev.millrace.engine.batch;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingEvent.Terminal;
import dev.millrace.engine.batch.Embedder.Part;
import dev.millrace.engine.schedule.StepCost;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The engine's work on embeddings: all inputs that wait when a decode begins go into it, as many as fit, one of each
/// request in turn. *Confined to the engine thread.* Whoever owns it calls [#runDecode] again and again.
///
/// A decode takes no longer than the step budget says: a small part of it beside running answers, so that their tokens
/// keep coming. Where the model allows it, an input that is longer than that is computed in parts; at most one is begun
/// at any time, so its cells are a context and a decode in all.
final class EmbeddingLoop {
    /// Beside steps, a decode may take this part of the gap between two tokens.
    private static final int BESIDE_PART = 4;

    private static final int FEWEST_TOKENS = 16;
    private static final int FIRST_SLOT = 0;
    private static final double LEARNING = 0.3;
    private static final int TOKENS_TO_ASK_FOR = 64;

    private final @Nullable Embedder embedder;
    private final NanoClock clock;
    private final EngineCounters counters;
    private final long besideNanos;
    private final long aloneNanos;
    private final Map<BatchEmbedding, EmbeddingWork> active = new LinkedHashMap<>();
    private final ArrayDeque<EmbeddingWork> waiting = new ArrayDeque<>();
    private final List<InRun> run = new ArrayList<>();
    private @Nullable InRun begun;
    private double nanosPerToken;

    EmbeddingLoop(
            @Nullable Embedder embedder, StepBudget budget, StepCost cost, NanoClock clock, EngineCounters counters) {
        this.embedder = embedder;
        this.clock = clock;
        this.counters = counters;
        this.besideNanos = budget.decoding().toNanos() / BESIDE_PART;
        this.aloneNanos = budget.alone().toNanos();
        this.nanosPerToken = cost.prefillNanos(TOKENS_TO_ASK_FOR, 0, true) / TOKENS_TO_ASK_FOR;
    }

    /// An input that the next run computes a part of, and whose it is.
    private record InRun(EmbeddingWork work, Part part) {}

    /// Takes over an accepted request.
    void add(EmbeddingWork work) {
        if (work.embedding().isCancelled()) {
            end(work, new EmbeddingEvent.Cancelled(work.usage(), work.timings(clock.nanoTime())));
            return;
        }
        active.put(work.embedding(), work);
        waiting.addLast(work);
        counters.embeddings(active.size());
    }

    /// Ends a request whose consumer cancelled; nothing happens if it is not here (any more).
    void cancel(BatchEmbedding embedding) {
        EmbeddingWork work = active.get(embedding);
        if (work != null) {
            end(work, new EmbeddingEvent.Cancelled(work.usage(), work.timings(clock.nanoTime())));
        }
    }

    /// Ends everything with an error.
    void failAll(ErrorCode code, String message) {
        List.copyOf(active.values()).forEach(work -> fail(work, code, message));
    }

    /// Runs one decode with what waits now.
    ///
    /// @param besideSteps true if answers are being computed, too
    /// @return false if there was nothing to compute
    boolean runDecode(boolean besideSteps) {
        Embedder own = embedder;
        if (own == null || active.isEmpty()) {
            return false;
        }
        if (!own.open(counters::turn)) {
            failAll(ErrorCode.INSUFFICIENT_MEMORY, "there is no memory for making embeddings; try again later");
            return true;
        }
        if (!own.canSplit()) {
            refuseTooLong(own.runTokens());
        }
        if (active.isEmpty()) {
            return false;
        }
        fillRun(own, tokensWithin(besideSteps ? besideNanos : aloneNanos, own.runTokens()));
        long startNanos = clock.nanoTime();
        run.forEach(entry -> started(entry.work(), startNanos));
        boolean done = own.run(run.stream().map(InRun::part).toList());
        long endNanos = clock.nanoTime();
        counters.turn();
        begun = null;
        if (done) {
            learn(endNanos - startNanos);
            run.forEach(entry -> computed(entry, endNanos));
        } else {
            run.forEach(entry ->
                    fail(entry.work(), ErrorCode.INTERNAL_ERROR, "the embeddings could not be computed; see the log"));
        }
        run.clear();
        return true;
    }

    /// What must be read at once must fit one decode; how much that is, is known only once the embedder is open.
    private void refuseTooLong(int most) {
        for (EmbeddingWork work : List.copyOf(waiting)) {
            if (!work.isStarted() && work.longest() > most) {
                fail(
                        work,
                        ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                        "input[" + work.indexOfLongest() + "] has " + work.longest()
                                + " tokens and this model, which reads an input at once, takes " + most);
            }
        }
    }

    private int tokensWithin(long nanos, int most) {
        return (int) Math.clamp(nanos / Math.max(1, nanosPerToken), Math.min(FEWEST_TOKENS, most), most);
    }

    private void fillRun(Embedder own, int tokens) {
        int room = tokens;
        InRun unfinished = begun;
        if (unfinished != null) {
            Part before = unfinished.part();
            int to = Math.min(before.tokens().length, before.to() + room);
            run.add(new InRun(
                    unfinished.work(), new Part(before.slot(), before.tokens(), before.to(), to, before.vector())));
            room -= to - before.to();
        }
        while (run.size() < own.slots() && !waiting.isEmpty()) {
            EmbeddingWork work = waiting.getFirst();
            int[] input = work.peek();
            if (input == null || (input.length > room && !run.isEmpty())) {
                return;
            }
            int to = own.canSplit() ? Math.min(input.length, room) : input.length;
            run.add(new InRun(work, new Part(freeSlot(), input, 0, to, new float[own.dimensions()])));
            room -= to;
            work.remove();
            waiting.removeFirst();
            if (work.peek() != null) {
                waiting.addLast(work);
            }
        }
    }

    /// Only the first input of a run can be one that stays for the next.
    private int freeSlot() {
        return FIRST_SLOT + run.size();
    }

    private void started(EmbeddingWork work, long nowNanos) {
        if (!work.isStarted()) {
            work.started(nowNanos);
            counters.prompt(work.promptTokens(), 0);
            work.embedding().outbox().add(new EmbeddingEvent.Started(work.promptTokens()));
        }
    }

    private void learn(long nanos) {
        int tokens = run.stream().mapToInt(entry -> entry.part().size()).sum();
        nanosPerToken += LEARNING * ((double) nanos / tokens - nanosPerToken);
    }

    private void computed(InRun entry, long nowNanos) {
        EmbeddingWork work = entry.work();
        Part part = entry.part();
        if (!active.containsKey(work.embedding())) {
            return; // another input of the same request failed
        }
        if (!part.isLast()) {
            begun = entry;
            return;
        }
        if (!UnitLength.scale(part.vector())) {
            fail(work, ErrorCode.INTERNAL_ERROR, "the model produced no usable numbers");
            return;
        }
        work.embedding().outbox().add(new EmbeddingEvent.Vector(part.vector()));
        if (work.delivered()) {
            end(work, new EmbeddingEvent.Finished(work.usage(), work.timings(nowNanos)));
        }
    }

    private void fail(EmbeddingWork work, ErrorCode code, String message) {
        end(work, new EmbeddingEvent.Failed(code, message, work.usage(), work.timings(clock.nanoTime())));
    }

    /// The accounts are settled before the consumer hears of the end.
    private void end(EmbeddingWork work, Terminal event) {
        active.remove(work.embedding());
        waiting.remove(work);
        if (embedder != null && begun != null && begun.work().equals(work)) {
            embedder.forget(begun.part().slot());
            begun = null;
        }
        counters.embeddings(active.size());
        work.embedding().outbox().end(event);
    }
}
