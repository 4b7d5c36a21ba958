package dev.millrace.engine.batch;

import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.EngineStatus.Counters;
import dev.millrace.engine.schedule.Scheduler;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// The engine's accounts as others may see them: written by the engine thread only, read by anyone, without
/// a lock and without allocation on the writing side. Figures of one snapshot may be one step apart.
final class EngineCounters {
    private final AtomicLong promptTokens = new AtomicLong();
    private final AtomicLong cachedTokens = new AtomicLong();
    private final AtomicLong generatedTokens = new AtomicLong();
    private final AtomicLong steps = new AtomicLong();
    private final AtomicLong preemptions = new AtomicLong();
    private final AtomicLong pauses = new AtomicLong();
    private final AtomicLong turns = new AtomicLong();
    private final AtomicLong running = new AtomicLong();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong embeddings = new AtomicLong();
    private final AtomicBoolean computing = new AtomicBoolean();
    private final AtomicLong usedCells = new AtomicLong();
    private final AtomicLong keptCells = new AtomicLong();

    void prompt(int tokens, int cached) {
        add(promptTokens, tokens);
        add(cachedTokens, cached);
    }

    void token() {
        add(generatedTokens, 1);
    }

    void step() {
        add(steps, 1);
    }

    void turn() {
        add(turns, 1);
    }

    void pause() {
        add(pauses, 1);
    }

    /// Embedding requests that are being computed or wait for it.
    void embeddings(int count) {
        embeddings.setRelease(count);
    }

    void observe(Scheduler<?> scheduler) {
        preemptions.setRelease(scheduler.preemptions());
        running.setRelease(scheduler.runningCount());
        waiting.setRelease(scheduler.waitingCount());
        computing.setRelease(scheduler.hasWork());
        usedCells.setRelease(scheduler.usedCells());
        keptCells.setRelease(scheduler.keptCells());
    }

    EngineStatus snapshot(ModelBackend.Limits limits, int preparing) {
        return new EngineStatus(
                limits.runningSlots(),
                running.intValue() + embeddings.intValue(),
                waiting.intValue() + preparing,
                limits.kvCells(),
                usedCells.intValue(),
                keptCells.intValue(),
                computing.get() || embeddings.get() > 0,
                new Counters(
                        promptTokens.get(),
                        cachedTokens.get(),
                        generatedTokens.get(),
                        steps.get(),
                        preemptions.get(),
                        pauses.get(),
                        turns.get()));
    }

    private static void add(AtomicLong counter, long delta) {
        counter.setRelease(counter.getPlain() + delta);
    }
}
