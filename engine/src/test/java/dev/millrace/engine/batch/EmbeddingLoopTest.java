package dev.millrace.engine.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.schedule.StepCost;
import dev.millrace.engine.simulated.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What goes into a decode, stepped by hand in virtual time.
class EmbeddingLoopTest {
    private static final long NANOS_PER_TOKEN = 1_000_000;
    private static final StepBudget BUDGET = new StepBudget(Duration.ofMillis(81), Duration.ofMillis(500));

    private final VirtualTime time = new VirtualTime();
    private final EngineCounters counters = new EngineCounters();
    private final FakeEmbedder embedder = new FakeEmbedder();
    private final EmbeddingLoop loop =
            new EmbeddingLoop(embedder, BUDGET, new StepCost(1, 1, NANOS_PER_TOKEN, 0.001, 1), time, counters);

    @Test
    void allThatWaitsGoesIntoOneDecode() {
        BatchEmbedding first = add(3);
        BatchEmbedding second = add(5, 2);
        BatchEmbedding third = add(7);

        assertThat(loop.runDecode(false)).isTrue();

        assertThat(embedder.runs).containsExactly("0:0-3 1:0-5 2:0-7 3:0-2");
        for (BatchEmbedding embedding : List.of(first, second, third)) {
            assertThat(events(embedding).getLast()).isInstanceOf(EmbeddingEvent.Finished.class);
        }
        assertThat(loop.runDecode(false)).isFalse();
    }

    @Test
    void requestWithManyInputsLeavesRoomForOthers() {
        embedder.slots = 2;
        BatchEmbedding many = add(1, 1, 1, 1);
        BatchEmbedding one = add(9);

        loop.runDecode(false);

        assertThat(embedder.runs).containsExactly("0:0-1 1:0-9");
        assertThat(events(one).getLast()).isInstanceOf(EmbeddingEvent.Finished.class);
        assertThat(events(many)).hasSize(2);
    }

    @Test
    void longInputIsComputedInPartsAndTheLastSharesItsDecode() {
        embedder.runTokens = 20;
        BatchEmbedding longOne = add(45);
        BatchEmbedding shortOne = add(6);

        loop.runDecode(false);
        loop.runDecode(false);
        loop.runDecode(false);

        assertThat(embedder.runs).containsExactly("0:0-20", "0:20-40", "0:40-45 1:0-6");
        assertThat(events(longOne)).hasSize(3);
        assertThat(events(shortOne)).hasSize(3);
    }

    @Test
    void decodeBesideAnswersTakesAQuarterOfTheirGap() {
        add(100);

        loop.runDecode(true);
        loop.runDecode(false);

        assertThat(embedder.runs).containsExactly("0:0-20", "0:20-100");
    }

    @Test
    void speedIsLearnt() {
        embedder.nanosPerToken = 100_000;
        for (int i = 0; i < 30; i++) {
            add(20);
            loop.runDecode(true);
        }
        embedder.runs.clear();
        add(300);

        loop.runDecode(true);

        assertThat(embedder.runs.getFirst()).matches("0:0-(19[0-9]|20[0-9])");
    }

    @Test
    void whatCannotBeSplitIsTakenWholeAndRefusedIfItFitsNoDecode() {
        embedder.canSplit = false;
        embedder.runTokens = 50;
        BatchEmbedding tooLong = add(3, 51);
        BatchEmbedding fits = add(50);

        loop.runDecode(true);

        assertThat(embedder.runs).containsExactly("0:0-50");
        assertThat(events(fits).getLast()).isInstanceOf(EmbeddingEvent.Finished.class);
        assertThat(events(tooLong)).singleElement().isInstanceOfSatisfying(EmbeddingEvent.Failed.class, failed -> {
            assertThat(failed.code()).isEqualTo(ErrorCode.CONTEXT_LENGTH_EXCEEDED);
            assertThat(failed.message()).contains("input[1]", "51", "50");
        });
    }

    @Test
    void cancelledInTheMiddleLeavesNothingBehind() {
        embedder.runTokens = 20;
        BatchEmbedding cancelled = add(45, 3);
        loop.runDecode(false);

        loop.cancel(cancelled);
        loop.cancel(cancelled);

        assertThat(embedder.forgotten).containsExactly(0);
        assertThat(events(cancelled).getLast()).isInstanceOf(EmbeddingEvent.Cancelled.class);
        assertThat(loop.runDecode(false)).isFalse();
        add(4);
        loop.runDecode(false);
        assertThat(embedder.runs).containsExactly("0:0-20", "0:0-4");
    }

    @Test
    void failedDecodeEndsItsRequestsAndNoOthers() {
        embedder.fails = true;
        embedder.slots = 1;
        BatchEmbedding failed = add(3, 3);
        BatchEmbedding other = add(4);

        loop.runDecode(false);
        embedder.fails = false;
        loop.runDecode(false);

        assertThat(((EmbeddingEvent.Failed) events(failed).getLast()).code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(events(other).getLast()).isInstanceOf(EmbeddingEvent.Finished.class);
        assertThat(loop.runDecode(false)).isFalse();
    }

    @Test
    void brokenNumbersAreAnErrorAndNotAVector() {
        embedder.value = Float.NaN;
        BatchEmbedding embedding = add(3);

        loop.runDecode(false);

        List<EmbeddingEvent> events = events(embedding);
        assertThat(events).hasSize(2);
        assertThat(((EmbeddingEvent.Failed) events.getLast()).message()).contains("no usable numbers");
    }

    @Test
    void withoutMemoryRequestsAreTurnedAwayAndLaterOnesMayWork() {
        embedder.opens = false;
        BatchEmbedding turnedAway = add(3);
        loop.runDecode(false);
        embedder.opens = true;
        BatchEmbedding later = add(3);
        loop.runDecode(false);

        assertThat(((EmbeddingEvent.Failed) events(turnedAway).getLast()).code())
                .isEqualTo(ErrorCode.INSUFFICIENT_MEMORY);
        assertThat(events(later).getLast()).isInstanceOf(EmbeddingEvent.Finished.class);
    }

    private BatchEmbedding add(int... lengths) {
        BatchEmbedding embedding = new BatchEmbedding(new RequestId("e"), time.nanoTime(), ignored -> {}, () -> {});
        loop.add(new EmbeddingWork(
                embedding, Arrays.stream(lengths).mapToObj(int[]::new).toList()));
        return embedding;
    }

    private static List<EmbeddingEvent> events(BatchEmbedding embedding) {
        List<EmbeddingEvent> events = new ArrayList<>();
        for (EmbeddingEvent event = embedding.poll(); event != null; event = embedding.poll()) {
            events.add(event);
        }
        return events;
    }

    /// Writes down its runs: each part as slot, from and to. It keeps that parts of a slot follow one another.
    private final class FakeEmbedder implements Embedder {
        private final List<String> runs = new ArrayList<>();
        private final List<Integer> forgotten = new ArrayList<>();
        private long nanosPerToken = NANOS_PER_TOKEN;
        private int runTokens = 500;
        private int slots = 8;
        private boolean canSplit = true;
        private boolean opens = true;
        private boolean fails;
        private float value = 1;

        @Override
        public int dimensions() {
            return 2;
        }

        @Override
        public String refusal() {
            return "";
        }

        @Override
        public boolean open(Runnable alive) {
            return opens;
        }

        @Override
        public int runTokens() {
            return runTokens;
        }

        @Override
        public int slots() {
            return slots;
        }

        @Override
        public boolean canSplit() {
            return canSplit;
        }

        @Override
        public boolean run(List<Part> parts) {
            List<String> words = new ArrayList<>();
            for (Part part : parts) {
                words.add(part.slot() + ":" + part.from() + "-" + part.to());
                part.vector()[0] = value;
                time.pass(nanosPerToken * part.size(), () -> false);
            }
            runs.add(String.join(" ", words));
            return !fails;
        }

        @Override
        public void forget(int slot) {
            forgotten.add(slot);
        }
    }
}
