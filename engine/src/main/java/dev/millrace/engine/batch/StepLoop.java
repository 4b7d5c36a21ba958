package dev.millrace.engine.batch;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.TokenLogprob;
import dev.millrace.engine.batch.ModelBackend.StepResult;
import dev.millrace.engine.sample.TokenSampler.Chances;
import dev.millrace.engine.schedule.KvEffects;
import dev.millrace.engine.schedule.Scheduler;
import dev.millrace.engine.schedule.SchedulerLimits;
import dev.millrace.engine.schedule.StepCost;
import dev.millrace.engine.schedule.StepPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The engine's duty cycle: plan a step, run it, sample, deliver. *Confined to the engine thread*, except
/// [#isAlone] which anyone may ask. Whoever owns it calls [#runStep] again and again; tests call it by hand.
final class StepLoop {
    private static final byte[] NO_BYTES = {};
    private static final long SHORTEST_SLICE = 10_000_000;

    private final ModelBackend backend;
    private final Vocabulary vocabulary;
    private final Scheduler<ActiveSequence> scheduler;
    private final NanoClock clock;
    private final EngineCounters counters;
    private final StepBatch batch;
    private final @Nullable PrefillLane lane;
    private final StepBatch besideBatch;
    private final long gapNanos;
    private final int[] outputIndexes;
    private final Map<BatchGeneration, ActiveSequence> active = new LinkedHashMap<>();
    private @Nullable ActiveSequence inLane;
    private volatile @Nullable BatchGeneration aloneInStep;

    StepLoop(ModelBackend backend, StepBudget budget, StepCost cost, NanoClock clock, EngineCounters counters) {
        this.backend = backend;
        this.vocabulary = backend.vocabulary();
        this.clock = clock;
        this.counters = counters;
        this.lane = backend.lane();
        this.gapNanos = budget.decoding().toNanos();
        this.besideBatch = new StepBatch(backend.limits().batchTokens());
        ModelBackend.Limits limits = backend.limits();
        SchedulerLimits sizes = new SchedulerLimits(
                limits.contextTokens(),
                limits.kvCells(),
                limits.slots(),
                limits.runningSlots(),
                limits.batchTokens(),
                budget.decoding().toNanos(),
                budget.alone().toNanos(),
                lane == null ? 0 : lane.contextTokens(),
                limits.canCut());
        scheduler = new Scheduler<>(sizes, cost, new BackendEffects(backend));
        batch = new StepBatch(limits.batchTokens());
        outputIndexes = new int[limits.runningSlots()];
    }

    /// Takes over an accepted sequence.
    void add(ActiveSequence sequence) {
        if (sequence.generation().isCancelled()) {
            end(sequence, finished(sequence, FinishReason.CANCELLED, null, clock.nanoTime()));
            return;
        }
        active.put(sequence.generation(), sequence);
        int ahead = scheduler.waitingCount();
        scheduler.add(sequence);
        sequence.generation().outbox().progress(new GenerationEvent.Queued(ahead, sequence.promptTokens()));
        counters.observe(scheduler);
    }

    /// Ends a sequence whose consumer cancelled; nothing happens if it is not here (any more).
    void cancel(BatchGeneration generation) {
        ActiveSequence sequence = active.get(generation);
        if (sequence != null) {
            end(sequence, finished(sequence, FinishReason.CANCELLED, null, clock.nanoTime()));
        }
    }

    /// Goes on with a sequence whose consumer caught up.
    void resume(BatchGeneration generation) {
        ActiveSequence sequence = active.get(generation);
        if (sequence != null) {
            scheduler.resume(sequence);
        }
    }

    /// Runs one step, and a slice of the prompt beside the steps.
    ///
    /// @return false if there was nothing to compute
    boolean runStep() {
        long startNanos = clock.nanoTime();
        StepPlan<ActiveSequence> plan = scheduler.plan(startNanos);
        if (plan.size() > 0) {
            decode(plan, startNanos);
        }
        boolean computedBeside = lane != null && advance(lane, startNanos);
        counters.observe(scheduler);
        boolean computed = plan.size() > 0 || computedBeside;
        if (computed) {
            counters.turn();
        }
        return computed;
    }

    private void decode(StepPlan<ActiveSequence> plan, long startNanos) {
        fillBatch(plan, startNanos);
        aloneInStep = plan.size() == 1 ? plan.sequence(0).generation() : null;
        StepResult result = backend.decode(batch);
        aloneInStep = null;
        long endNanos = clock.nanoTime();
        switch (result) {
            case OK -> {
                scheduler.completed(endNanos - startNanos);
                deliver(plan, endNanos);
            }
            case ABORTED -> scheduler.rolledBack();
            case KV_FULL -> {
                ActiveSequence first = plan.sequence(0);
                scheduler.rolledBack();
                makeRoom(first);
            }
            case FAILED -> throw new EngineLostException("forward pass failed");
        }
        counters.step();
    }

    /// Computes beside the steps for what the step left of the gap; also when nothing decodes, for whoever
    /// cancels or comes must not wait longer than a step.
    private boolean advance(PrefillLane lane, long stepStartNanos) {
        if (inLane != null && !inLane.equals(scheduler.beside())) {
            lane.cancel();
            inLane = null;
        }
        long endNanos = stepStartNanos + gapNanos;
        long nowNanos = clock.nanoTime();
        ActiveSequence wanted = scheduler.beside();
        if (wanted == null) {
            return false;
        }
        PrefillLane.Progress progress;
        do {
            if (inLane == null) {
                wanted.started(nowNanos);
                beginBeside(lane, wanted);
            }
            progress = lane.advance(Math.max(endNanos - nowNanos, SHORTEST_SLICE));
            ended(progress, wanted);
            nowNanos = clock.nanoTime();
            wanted = scheduler.beside();
        } while (progress == PrefillLane.Progress.DONE && wanted != null && nowNanos + SHORTEST_SLICE < endNanos);
        return true;
    }

    private void beginBeside(PrefillLane lane, ActiveSequence sequence) {
        besideBatch.clear();
        int from = sequence.computed();
        for (int i = 0; i < scheduler.besideTokens(); i++) {
            besideBatch.add(sequence.token(from + i), from + i, sequence.slot(), false);
        }
        lane.begin(besideBatch);
        inLane = sequence;
    }

    private void ended(PrefillLane.Progress progress, ActiveSequence sequence) {
        if (progress != PrefillLane.Progress.RUNNING) {
            inLane = null;
        }
        switch (progress) {
            case RUNNING -> {}
            case DONE -> {
                scheduler.besideCompleted();
                reportPrefill(sequence);
            }
            case KV_FULL -> {
                scheduler.besideDropped();
                makeRoom(sequence);
            }
            case FAILED -> throw new EngineLostException("forward pass beside the steps failed");
        }
    }

    /// True if the running step computes nothing but this generation, so that aborting it hurts nobody else.
    boolean isAlone(BatchGeneration generation) {
        return generation.equals(aloneInStep);
    }

    /// Ends everything with an error.
    void failAll(ErrorCode code, String message) {
        for (ActiveSequence sequence : List.copyOf(active.values())) {
            fail(sequence, code, message);
        }
    }

    void checkInvariants() {
        scheduler.checkInvariants();
    }

    StepCost cost() {
        return scheduler.cost();
    }

    private void fillBatch(StepPlan<ActiveSequence> plan, long nowNanos) {
        batch.clear();
        for (int entry = 0; entry < plan.size(); entry++) {
            ActiveSequence sequence = plan.sequence(entry);
            sequence.started(nowNanos);
            int from = plan.from(entry);
            int count = plan.count(entry);
            boolean samples = plan.samples(entry);
            int last = -1;
            for (int i = 0; i < count; i++) {
                boolean output = samples && i == count - 1;
                last = batch.add(sequence.token(from + i), from + i, sequence.slot(), output);
            }
            outputIndexes[entry] = samples ? last : -1;
        }
    }

    private void deliver(StepPlan<ActiveSequence> plan, long nowNanos) {
        for (int entry = 0; entry < plan.size(); entry++) {
            ActiveSequence sequence = plan.sequence(entry);
            if (outputIndexes[entry] < 0) {
                reportPrefill(sequence);
            } else {
                if (sequence.generatedTokens() == 0) {
                    counters.prompt(sequence.promptTokens(), sequence.cached());
                }
                int token = backend.sample(outputIndexes[entry], sequence.sampler());
                if (sequence.sampler().sawBrokenLogits()) {
                    fail(sequence, ErrorCode.INTERNAL_ERROR, "the model produced no usable probabilities");
                } else {
                    accept(sequence, token, nowNanos);
                }
            }
        }
    }

    private static void reportPrefill(ActiveSequence sequence) {
        sequence.generation()
                .outbox()
                .progress(new GenerationEvent.Prefilling(
                        sequence.computed(), sequence.cached(), sequence.promptTokens()));
    }

    private void accept(ActiveSequence sequence, int token, long nowNanos) {
        sequence.append(token);
        sequence.sampler().accept(token);
        sequence.produced(nowNanos);
        counters.token();
        boolean mayStop = sequence.generatedTokens() >= sequence.stopping().minTokens();
        boolean ends = vocabulary.isEndOfGeneration(token)
                && mayStop
                && !sequence.stopping().ignoreEos();
        byte[] bytes = vocabulary.isEndOfGeneration(token) ? NO_BYTES : vocabulary.bytes(token);
        boolean stopped = sequence.text().append(bytes, mayStop);
        FinishReason reason = ends || stopped ? FinishReason.STOP : sequence.hasRoom() ? null : FinishReason.LENGTH;
        Outbox outbox = sequence.generation().outbox();
        outbox.text(sequence.text().released(), sequence.text().releasedLength());
        if (reason != null && !stopped) {
            sequence.text().finish();
            outbox.text(sequence.text().released(), sequence.text().releasedLength());
        }
        outbox.token(token, logprob(sequence.sampler().lastChances()));
        if (reason != null) {
            end(sequence, finished(sequence, reason, stopped ? matchedStop(sequence) : null, nowNanos));
        } else if (outbox.isFull() && sequence.generation().pause()) {
            scheduler.pause(sequence);
            counters.pause();
        }
    }

    private static String matchedStop(ActiveSequence sequence) {
        return sequence.stopping().stops().get(sequence.text().matchedStop());
    }

    private @Nullable TokenLogprob logprob(@Nullable Chances chances) {
        if (chances == null) {
            return null;
        }
        TokenLogprob.TokenChance[] top = new TokenLogprob.TokenChance[chances.ids().length];
        for (int i = 0; i < top.length; i++) {
            top[i] = chance(chances.ids()[i], chances.logprobs()[i]);
        }
        return new TokenLogprob(chance(chances.chosenId(), chances.chosen()), List.of(top));
    }

    private TokenLogprob.TokenChance chance(int token, float logprob) {
        return new TokenLogprob.TokenChance(token, TokenLogprob.Bytes.of(vocabulary.bytes(token)), logprob);
    }

    /// The backend has no room although the accounts say so (its cells may be scattered): make some and
    /// plan anew.
    private void makeRoom(ActiveSequence first) {
        if (!scheduler.makeRoom()) {
            fail(first, ErrorCode.INTERNAL_ERROR, "the KV cache has no room for this request");
        }
    }

    private void fail(ActiveSequence sequence, ErrorCode code, String message) {
        long now = clock.nanoTime();
        end(sequence, new GenerationEvent.Failed(code, message, sequence.usage(), sequence.timings(now)));
    }

    private static GenerationEvent.Finished finished(
            ActiveSequence sequence, FinishReason reason, @Nullable String stop, long nowNanos) {
        return new GenerationEvent.Finished(reason, stop, sequence.usage(), sequence.timings(nowNanos));
    }

    /// The accounts are settled before the consumer hears of the end: who sees the last event finds the
    /// slot free.
    private void end(ActiveSequence sequence, GenerationEvent.Terminal event) {
        active.remove(sequence.generation());
        scheduler.finish(sequence);
        counters.observe(scheduler);
        sequence.generation().outbox().end(event);
    }

    /// Hands the scheduler's decisions to the backend.
    private record BackendEffects(ModelBackend backend) implements KvEffects {
        @Override
        public void copyPrefix(int fromSlot, int toSlot, int tokens) {
            backend.copyPrefix(fromSlot, toSlot, tokens);
        }

        @Override
        public void truncate(int slot, int fromPosition) {
            backend.truncate(slot, fromPosition);
        }
    }
}
