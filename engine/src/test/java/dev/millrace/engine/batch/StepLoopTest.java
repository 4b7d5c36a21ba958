package dev.millrace.engine.batch;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationEvent.Failed;
import dev.millrace.engine.GenerationEvent.Finished;
import dev.millrace.engine.GenerationEvent.Token;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.engine.sample.Samplers;
import dev.millrace.engine.sample.TokenSampler;
import dev.millrace.engine.simulated.Pace;
import dev.millrace.engine.simulated.SimulatedBackend;
import dev.millrace.engine.simulated.SimulatedCost;
import dev.millrace.engine.simulated.SimulatedFaults;
import dev.millrace.engine.simulated.VirtualTime;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The duty cycle, stepped by hand in virtual time.
class StepLoopTest {
    private static final SimulatedCost COST = new SimulatedCost(Duration.ofMillis(8), Duration.ofMillis(1), 500);
    private static final Stopping GO_ON = new Stopping(List.of(), true, 0);

    private final VirtualTime time = new VirtualTime();
    private final EngineCounters counters = new EngineCounters();
    private final ModelBackend.Limits limits = new ModelBackend.Limits(4_500, 8_192, 8, 4, 512);
    private int nextId;
    private boolean laneIsBusy;
    private @Nullable StepBatch chunkInLane;
    private int computedBeside;

    @Test
    void longPromptDoesNotFreezeADecodingStream() {
        StepLoop loop = loop(SimulatedFaults.NONE);
        Reader chat = submit(loop, "hello", 2_000, GO_ON);
        for (int i = 0; i < 50; i++) {
            loop.runStep();
            chat.read();
        }
        long solo = chat.longestGapNanos();

        Reader attacker = submit(loop, "word ".repeat(4_000), 10, GO_ON);
        long start = time.nanoTime();
        while (attacker.tokens == 0) {
            loop.runStep();
            chat.read();
            attacker.read();
        }

        assertThat(chat.longestGapNanos()).isLessThanOrEqualTo(Math.max(3 * solo, 150_000_000));
        assertThat(time.nanoTime() - start).isLessThan((long) (1.5 * 4_000 / 500 * 1e9));
        loop.checkInvariants();
    }

    @Test
    void fullRingPausesTheSequenceUntilItsReaderComesBack() {
        StepLoop loop = loop(SimulatedFaults.NONE);
        Reader slow = submit(loop, "slow", 100, GO_ON);
        Reader quick = submit(loop, "quick", 100, GO_ON);

        for (int i = 0; i < 120; i++) {
            loop.runStep();
            quick.read();
        }

        assertThat(quick.tokens).isEqualTo(100);
        assertThat(loop.runStep()).isFalse();
        assertThat(slow.unread()).isEqualTo(Outbox.CAPACITY);
        assertThat(counters.snapshot(limits, 0).counters().pausesForSlowReaders())
                .isEqualTo(1);
    }

    @Test
    void cacheThatClaimsToBeFullCostsARetryNotAnAnswer() {
        StepLoop loop = loop(new SimulatedFaults(0, 0, Duration.ZERO, 5));
        Reader first = submit(loop, "first", 30, GO_ON);
        Reader second = submit(loop, "second", 30, GO_ON);

        for (int i = 0; i < 300 && !(first.isDone() && second.isDone()); i++) {
            loop.runStep();
            loop.checkInvariants();
            first.read();
            second.read();
        }

        assertThat(first.tokens + second.tokens).isEqualTo(60);
        assertThat(counters.snapshot(limits, 0).counters().preemptions()).isPositive();
    }

    @Test
    void lastSequenceForWhichTheCacheHasNoRoomFailsInsteadOfSpinning() {
        StepLoop loop = loop(new SimulatedFaults(0, 0, Duration.ZERO, 1));
        Reader only = submit(loop, "only", 30, GO_ON);

        loop.runStep();
        only.read();

        assertThat(((Failed) only.end()).code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(loop.runStep()).isFalse();
    }

    @Test
    void failedForwardPassLosesTheEngineAndEndsEveryRequest() {
        StepLoop loop = loop(new SimulatedFaults(3, 0, Duration.ZERO, 0));
        Reader first = submit(loop, "first", 30, GO_ON);
        Reader second = submit(loop, "second", 30, GO_ON);
        loop.runStep();
        loop.runStep();

        assertThatThrownBy(loop::runStep).isInstanceOf(EngineLostException.class);
        loop.failAll(ErrorCode.ENGINE_LOST, "lost");
        first.read();
        second.read();

        assertThat(((Failed) first.end()).code()).isEqualTo(ErrorCode.ENGINE_LOST);
        assertThat(((Failed) second.end()).usage().completionTokens()).isEqualTo(second.tokens);
    }

    @Test
    void cancelledSequenceIsGoneBeforeTheNextStepInEveryPhase() {
        StepLoop loop = loop(SimulatedFaults.NONE);
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            readers.add(submit(loop, (i == 5 ? "word ".repeat(3_000) : "reader ") + i, 50, GO_ON));
        }
        loop.runStep();

        for (Reader reader : readers) {
            loop.cancel(reader.generation);
            loop.checkInvariants();
            reader.read();
            assertThat(((Finished) reader.end()).reason()).isEqualTo(FinishReason.CANCELLED);
        }

        assertThat(loop.runStep()).isFalse();
        var status = counters.snapshot(limits, 0);
        assertThat(status.runningSequences()).isZero();
        assertThat(status.waitingSequences()).isZero();
        assertThat(status.kvCellsUsed()).isEqualTo(status.kvCellsCached());
    }

    @Test
    void timingsAddUpToTheWholeTime() {
        StepLoop loop = loop(SimulatedFaults.NONE);
        Reader reader = submit(loop, "word ".repeat(99), 11, GO_ON);
        while (!reader.isDone()) {
            loop.runStep();
            reader.read();
        }

        var timings = reader.end().timings();
        assertThat(timings.queueNanos()).isZero();
        assertThat(timings.prefillNanos()).isEqualTo(COSTS_OF_100_TOKENS);
        assertThat(timings.decodeNanos()).isEqualTo(10 * 9_000_000L);
    }

    // 8 ms base, 1 ms for the sequence that gets a token, and 99 further prompt tokens at 2 ms.
    private static final long COSTS_OF_100_TOKENS = 8_000_000L + 1_000_000L + 99 * 2_000_000L;

    @Test
    void tokenPathAllocatesNothingOnTheEngineSide() {
        StepLoop loop = loop(SimulatedFaults.NONE);
        Reader reader = submit(loop, "hello", 4_000, GO_ON);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 2_000; i++) {
            loop.runStep();
            reader.read();
        }

        long bytes = 0;
        for (int i = 0; i < 1_000; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            loop.runStep();
            bytes += threads.getCurrentThreadAllocatedBytes() - before;
            reader.read();
        }

        // The measurement itself and a late compilation may allocate a little, a token must not: 1 byte each is the
        // limit.
        assertThat(bytes).isLessThan(1_000);
    }

    @Test
    void promptBesideTheStepsKeepsTheGapAndIsHardlySlower() {
        StepLoop loop = loopWithLane(SimulatedFaults.NONE);
        Reader chat = submit(loop, "hello", 2_000, GO_ON);
        for (int i = 0; i < 50; i++) {
            loop.runStep();
            chat.read();
        }

        Reader attacker = submit(loop, "word ".repeat(4_000), 10, GO_ON);
        long start = time.nanoTime();
        while (attacker.tokens == 0) {
            loop.runStep();
            loop.checkInvariants();
            chat.read();
            attacker.read();
        }

        assertThat(chat.longestGapNanos()).isLessThanOrEqualTo(110_000_000);
        assertThat(time.nanoTime() - start).isLessThan((long) (1.15 * 4_000 / 500 * 1e9));
        assertThat(computedBeside).isEqualTo(4_000);
    }

    @Test
    void cancelledPromptBesideTheStepsIsGoneBeforeTheNextStep() {
        StepLoop loop = loopWithLane(SimulatedFaults.NONE);
        Reader chat = submit(loop, "hello", 2_000, GO_ON);
        loop.runStep();
        Reader attacker = submit(loop, "word ".repeat(3_000), 10, GO_ON);
        for (int i = 0; i < 3; i++) {
            loop.runStep();
        }
        assertThat(chunkInLane).isNotNull();
        loop.cancel(attacker.generation);
        loop.cancel(chat.generation);
        loop.checkInvariants();
        attacker.read();

        assertThat(((Finished) attacker.end()).reason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(loop.runStep()).isFalse();
        assertThat(chunkInLane).isNull();
        var status = counters.snapshot(limits, 0);
        assertThat(status.runningSequences()).isZero();
        assertThat(status.kvCellsUsed()).isEqualTo(status.kvCellsCached());
    }

    @Test
    void cacheThatClaimsToBeFullBesideTheStepsCostsARetryNotAnAnswer() {
        StepLoop loop = loopWithLane(new SimulatedFaults(0, 0, Duration.ZERO, 23));
        Reader chat = submit(loop, "hello", 60, GO_ON);
        loop.runStep();
        Reader attacker = submit(loop, "word ".repeat(2_000), 10, GO_ON);

        for (int i = 0; i < 2_000 && !(chat.isDone() && attacker.isDone()); i++) {
            loop.runStep();
            loop.checkInvariants();
            chat.read();
            attacker.read();
        }

        assertThat(chat.tokens).isEqualTo(60);
        assertThat(attacker.tokens).isEqualTo(10);
        assertThat(computedBeside).isPositive();
    }

    private StepLoop loopWithLane(SimulatedFaults faults) {
        Pace pace = (nanos, interrupted) -> time.pass(laneIsBusy ? 0 : nanos, interrupted);
        var backend = new SimulatedBackend(new ModelId("simulated/test"), limits, COST, faults, 50, pace);
        return new StepLoop(
                new BackendWithLane(backend, new Lane(backend)), StepBudget.DEFAULT, COST.asMeasured(), time, counters);
    }

    /// Computes 500 tokens a second beside the steps.
    private final class Lane implements PrefillLane {
        private final ModelBackend backend;
        private long leftNanos;

        Lane(ModelBackend backend) {
            this.backend = backend;
        }

        @Override
        public int contextTokens() {
            return 4_500;
        }

        @Override
        public void begin(StepBatch next) {
            assertThat(chunkInLane).isNull();
            chunkInLane = next;
            leftNanos = next.size() * 2_000_000L;
        }

        @Override
        public Progress advance(long nanos) {
            StepBatch now = requireNonNull(chunkInLane);
            time.pass(Math.min(nanos, leftNanos), () -> false);
            leftNanos -= nanos;
            if (leftNanos > 0) {
                return Progress.RUNNING;
            }
            chunkInLane = null;
            laneIsBusy = true;
            ModelBackend.StepResult result = backend.decode(now);
            laneIsBusy = false;
            computedBeside += result == ModelBackend.StepResult.OK ? now.size() : 0;
            return result == ModelBackend.StepResult.OK ? Progress.DONE : Progress.KV_FULL;
        }

        @Override
        public void cancel() {
            chunkInLane = null;
        }
    }

    private record BackendWithLane(ModelBackend backend, PrefillLane lane) implements ModelBackend {
        @Override
        public ModelDescription model() {
            return backend.model();
        }

        @Override
        public Limits limits() {
            return backend.limits();
        }

        @Override
        public Vocabulary vocabulary() {
            return backend.vocabulary();
        }

        @Override
        public StepResult decode(StepBatch batch) {
            return backend.decode(batch);
        }

        @Override
        public int sample(int batchIndex, TokenSampler sampler) {
            return backend.sample(batchIndex, sampler);
        }

        @Override
        public void copyPrefix(int fromSlot, int toSlot, int tokens) {
            backend.copyPrefix(fromSlot, toSlot, tokens);
        }

        @Override
        public void truncate(int slot, int fromPosition) {
            backend.truncate(slot, fromPosition);
        }

        @Override
        public void abortStep() {
            backend.abortStep();
        }

        @Override
        public void close() {
            backend.close();
        }
    }

    private StepLoop loop(SimulatedFaults faults) {
        var backend = new SimulatedBackend(new ModelId("simulated/test"), limits, COST, faults, 50, time);
        return new StepLoop(backend, StepBudget.DEFAULT, COST.asMeasured(), time, counters);
    }

    private Reader submit(StepLoop loop, String text, int maxTokens, Stopping stopping) {
        var request = new GenerationRequest(
                new RequestId("r" + nextId++),
                new Prompt.Text(text),
                maxTokens,
                stopping,
                Sampling.GREEDY,
                Share.DEFAULT);
        var generation = new BatchGeneration(request.id(), new NoCommands(), () -> {});
        int[] prompt = new int[(int) text.chars().filter(c -> c == ' ').count() + 1];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = 1 + (i * 31 + text.hashCode() & 255);
        }
        var sequence = new ActiveSequence(
                generation, request, prompt, maxTokens, Samplers.of(Sampling.GREEDY, 513), time.nanoTime());
        loop.add(sequence);
        return new Reader(generation, time);
    }

    /// Stands for the engine thread's queue: these tests call the loop themselves.
    private static final class NoCommands implements GenerationCommands {
        @Override
        public void cancel(BatchGeneration generation) {}

        @Override
        public void resume(BatchGeneration generation) {}
    }

    private static final class Reader {
        private final BatchGeneration generation;
        private final VirtualTime time;
        private long lastNanos;
        private long longestGapNanos;
        private int tokens;
        private GenerationEvent.@Nullable Terminal end;

        Reader(BatchGeneration generation, VirtualTime time) {
            this.generation = generation;
            this.time = time;
        }

        void read() {
            for (GenerationEvent event = generation.poll(); event != null; event = generation.poll()) {
                if (event instanceof Token) {
                    longestGapNanos = tokens == 0 ? 0 : Math.max(longestGapNanos, time.nanoTime() - lastNanos);
                    lastNanos = time.nanoTime();
                    tokens++;
                } else if (event instanceof GenerationEvent.Terminal terminal) {
                    end = terminal;
                }
            }
        }

        int unread() {
            return generation.outbox().backlog();
        }

        long longestGapNanos() {
            return longestGapNanos;
        }

        boolean isDone() {
            return end != null;
        }

        GenerationEvent.Terminal end() {
            return java.util.Objects.requireNonNull(end, "no end yet");
        }
    }
}
