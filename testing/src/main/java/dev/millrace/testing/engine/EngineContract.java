package dev.millrace.testing.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Engine;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationEvent.Failed;
import dev.millrace.engine.GenerationEvent.Finished;
import dev.millrace.engine.GenerationEvent.Terminal;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every engine does, whatever is behind it. Extend it with a real one of each kind.
public abstract class EngineContract {
    /// Abilities that not every kind of engine has.
    public enum Ability {
        /// Runs a scheduler: requests wait for slots.
        BATCHING,
        /// A prompt can begin with a part of what another one computed.
        SHARED_PREFIXES,
        /// Honours stop strings and `ignoreEos`.
        STOPPING,
        /// A sequence gets the very same tokens beside others as alone.
        EXACT_UNDER_BATCHING,
        /// Makes vectors of texts.
        EMBEDDING
    }

    private static final int TIMEOUT_TURNS = 2_000;

    private Engine engine;
    private int nextId;

    /// Makes the engine under test, ready; at least 2 slots, a context of at least 200 tokens.
    protected abstract Engine start() throws Exception;

    /// What it can do.
    protected abstract Set<Ability> abilities();

    /// Checks whatever the kind of engine can check about itself, after each test.
    protected void checkInvariants() {}

    /// For a bare `new`: the engine is set before each test.
    @SuppressWarnings("NullAway.Init")
    protected EngineContract() {}

    @BeforeEach
    final void startEngine() throws Exception {
        engine = start();
    }

    @AfterEach
    final void nothingIsLeftInTheEngine() {
        awaitIdle();
        checkInvariants();
        engine.close();
    }

    @Test
    void answerEndsWithExactlyOneTerminalEventAndCountsItsTokens() {
        GenerationProbe probe = GenerationProbe.complete(engine, request("Tell me about the mill", 20));

        Terminal end = probe.awaitedEnd();
        assertThat(end).isInstanceOf(Finished.class);
        assertThat(end.usage().completionTokens())
                .isEqualTo(probe.tokens().size())
                .isBetween(1, 20);
        assertThat(end.usage().promptTokens()).isPositive();
        assertThat(probe.events().getFirst()).isInstanceOf(GenerationEvent.Queued.class);
        assertThat(end.timings().queueNanos()).isNotNegative();
        assertThat(end.timings().prefillNanos()).isPositive();
        assertThat(end.timings().decodeNanos()).isNotNegative();
    }

    @Test
    void samePromptGetsTheSameAnswer() {
        GenerationProbe first = GenerationProbe.complete(engine, request("Tell me about the mill", 20));
        GenerationProbe second = GenerationProbe.complete(engine, request("Tell me about the mill", 20));

        assertThat(second.text()).isEqualTo(first.text()).isNotEmpty();
    }

    @Test
    void answerStopsAtMaxTokens() {
        Stopping goOn = new Stopping(List.of(), true, 0);
        GenerationProbe probe = GenerationProbe.complete(engine, request("Count with me", 7, goOn));

        assertThat(probe.tokens()).hasSize(7);
        assertThat(((Finished) probe.awaitedEnd()).reason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void stopStringEndsTheAnswerAndIsNotPartOfIt() {
        Assumptions.assumeTrue(abilities().contains(Ability.STOPPING));
        Stopping goOn = new Stopping(List.of(), true, 0);
        String whole = GenerationProbe.complete(engine, request("Tell me more", 30, goOn))
                .text();
        String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 3);

        GenerationProbe probe =
                GenerationProbe.complete(engine, request("Tell me more", 30, new Stopping(List.of(stop), true, 0)));

        assertThat(probe.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        Finished end = (Finished) probe.awaitedEnd();
        assertThat(end.reason()).isEqualTo(FinishReason.STOP);
        assertThat(end.stopSequence()).isEqualTo(stop);
    }

    @Test
    void cancelledAnswerEndsAtOnceAndTwiceIsOnce() {
        GenerationProbe probe = GenerationProbe.submit(engine, longRequest("Go on for ever"));
        probe.awaitTokens(1);

        probe.generation().cancel();
        probe.generation().cancel();

        assertThat(((Finished) probe.awaitEnd()).reason()).isEqualTo(FinishReason.CANCELLED);
    }

    @Test
    void cancelBeforeAnythingWasReadStillEndsWithATerminalEvent() {
        for (int i = 0; i < 50; i++) {
            GenerationProbe probe = GenerationProbe.submit(engine, longRequest("Never mind " + i));
            probe.generation().cancel();

            assertThat(((Finished) probe.awaitEnd()).reason()).isEqualTo(FinishReason.CANCELLED);
        }
    }

    @Test
    void requestsBeyondTheSlotsWaitAndCanBeCancelledThere() {
        Assumptions.assumeTrue(abilities().contains(Ability.BATCHING));
        List<GenerationProbe> running = new ArrayList<>();
        for (int i = 0; i < engine.status().slots(); i++) {
            GenerationProbe probe = GenerationProbe.submit(engine, longRequest("Runner " + i));
            probe.awaitTokens(1);
            running.add(probe);
        }
        GenerationProbe waiting = GenerationProbe.submit(engine, longRequest("I wait"));
        waiting.next();

        waiting.generation().cancel();

        assertThat(waiting.awaitEnd().usage().completionTokens()).isZero();
        running.forEach(probe -> probe.generation().cancel());
        running.forEach(GenerationProbe::awaitEnd);
    }

    @Test
    void promptLongerThanTheContextIsRefusedWithBothNumbers() {
        int context = engine.model().contextTokens();
        GenerationProbe probe = GenerationProbe.complete(engine, request("word ".repeat(context + 5), 5));

        Failed end = (Failed) probe.awaitedEnd();
        assertThat(end.code()).isEqualTo(ErrorCode.CONTEXT_LENGTH_EXCEEDED);
        assertThat(end.message()).contains(Integer.toString(context));
        assertThat(probe.events()).hasSize(1);
    }

    @Test
    void promptAndAnswerThatDoNotFitTogetherAreRefusedUpFront() {
        Assumptions.assumeTrue(abilities().contains(Ability.BATCHING));
        int context = engine.model().contextTokens();
        GenerationProbe probe = GenerationProbe.complete(engine, request("Short", context));

        Failed end = (Failed) probe.awaitedEnd();
        assertThat(end.code()).isEqualTo(ErrorCode.CONTEXT_LENGTH_EXCEEDED);
        assertThat(end.message()).contains(Integer.toString(context)).contains("max_tokens");
    }

    @Test
    void consumerThatDoesNotReadPausesOnlyItselfAndLosesNothing() {
        Assumptions.assumeTrue(abilities().contains(Ability.BATCHING));
        Stopping goOn = new Stopping(List.of(), true, 0);
        GenerationProbe slow = GenerationProbe.submit(engine, request("Slow reader", 100, goOn));
        GenerationProbe quick = GenerationProbe.complete(engine, request("Quick reader", 100, goOn));

        assertThat(quick.tokens()).hasSize(100);
        awaitPause();
        awaitTurns("an engine that waits for its reader", () -> !engine.status().computing());
        slow.awaitEnd();

        assertThat(slow.tokens()).hasSize(100);
        if (abilities().contains(Ability.EXACT_UNDER_BATCHING)) {
            GenerationProbe alone = GenerationProbe.complete(engine, request("Slow reader", 100, goOn));
            assertThat(slow.text()).isEqualTo(alone.text());
        }
    }

    @Test
    void answersDoNotMix() {
        Assumptions.assumeTrue(abilities().contains(Ability.EXACT_UNDER_BATCHING));
        List<String> alone = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            alone.add(GenerationProbe.complete(engine, request("Canary number " + i, 30))
                    .text());
        }

        List<GenerationProbe> together = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            together.add(GenerationProbe.submit(engine, request("Canary number " + i, 30)));
        }
        together.forEach(GenerationProbe::awaitEnd);

        assertThat(together.stream().map(GenerationProbe::text)).containsExactlyElementsOf(alone);
        assertThat(Set.copyOf(alone)).hasSizeGreaterThan(8);
    }

    @Test
    void repeatedPromptIsTakenFromThePrefixCache() {
        Assumptions.assumeTrue(abilities().contains(Ability.SHARED_PREFIXES));
        String text = "the same beginning ".repeat(10);
        Terminal first = GenerationProbe.complete(engine, request(text, 3)).awaitedEnd();
        Terminal second = GenerationProbe.complete(engine, request(text, 3)).awaitedEnd();

        assertThat(first.usage().cachedTokens()).isZero();
        assertThat(second.usage().cachedTokens()).isEqualTo(first.usage().promptTokens() - 1);
    }

    @Test
    void closedEngineEndsWhatRunsAndRefusesWhatComes() {
        GenerationProbe running = GenerationProbe.submit(engine, longRequest("Too late"));
        running.next();

        engine.close();

        Terminal end = running.awaitEnd();
        assertThat(end).isInstanceOf(Failed.class);
        assertThat(((Failed) end).code()).isEqualTo(ErrorCode.ENGINE_LOST);
        GenerationProbe later = GenerationProbe.complete(engine, request("Even later", 3));
        assertThat(((Failed) later.awaitedEnd()).code()).isEqualTo(ErrorCode.ENGINE_LOST);
    }

    @Test
    void vectorsHaveLengthOneAndComeInTheOrderOfTheInputsAsIfEachWereAlone() {
        Assumptions.assumeTrue(abilities().contains(Ability.EMBEDDING));
        String[] texts = {"The mill stands by the river", "Bread", "the same beginning ".repeat(15)};

        EmbeddingProbe together = EmbeddingProbe.complete(engine, texts);

        assertThat(together.end()).isInstanceOf(EmbeddingEvent.Finished.class);
        assertThat(together.vectors()).hasSize(texts.length);
        int tokens = 0;
        for (int i = 0; i < texts.length; i++) {
            EmbeddingProbe alone = EmbeddingProbe.complete(engine, texts[i]);
            float[] vector = together.vectors().get(i);
            assertThat(EmbeddingProbe.cosine(vector, vector)).isCloseTo(1, within(1e-5));
            assertThat(EmbeddingProbe.cosine(vector, alone.vectors().getFirst()))
                    .isGreaterThan(0.9999);
            tokens += alone.end().usage().promptTokens();
        }
        assertThat(together.end().usage().promptTokens()).isEqualTo(tokens);
        assertThat(together.end().usage().completionTokens()).isZero();
        assertThat(together.end().timings().queueNanos()).isNotNegative();
    }

    @Test
    void moreInputsThanFitOneDecodeAllGetTheirVector() {
        Assumptions.assumeTrue(abilities().contains(Ability.EMBEDDING));
        String[] texts = new String[150];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "Canary number " + i % 50;
        }

        List<float[]> vectors = EmbeddingProbe.complete(engine, texts).vectors();

        assertThat(vectors).hasSize(texts.length);
        for (int i = 0; i < 50; i++) {
            assertThat(EmbeddingProbe.cosine(vectors.get(i), vectors.get(i + 100)))
                    .isGreaterThan(0.9999);
            assertThat(EmbeddingProbe.cosine(vectors.get(i), vectors.get((i + 1) % 50)))
                    .isLessThan(0.99999);
        }
    }

    @Test
    void embeddingsAreMadeBesideRunningAnswersAndChangeNothingOfThem() {
        Assumptions.assumeTrue(abilities().contains(Ability.EMBEDDING));
        Stopping goOn = new Stopping(List.of(), true, 0);
        float[] alone =
                EmbeddingProbe.complete(engine, "beside an answer").vectors().getFirst();
        String text =
                GenerationProbe.complete(engine, request("Go on", 60, goOn)).text();
        GenerationProbe running = GenerationProbe.submit(engine, request("Go on", 60, goOn));
        running.awaitTokens(1);

        List<EmbeddingProbe> probes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            probes.add(EmbeddingProbe.submit(engine, embeddingRequest("beside an answer", 0)));
        }
        running.awaitEnd();
        probes.forEach(EmbeddingProbe::awaitEnd);

        for (EmbeddingProbe probe : probes) {
            assertThat(EmbeddingProbe.cosine(probe.vectors().getFirst(), alone)).isGreaterThan(0.9999);
        }
        assertThat(running.text()).isEqualTo(text);
    }

    @Test
    void cancelledEmbeddingsEndWithATerminalEventWheneverItIs() {
        Assumptions.assumeTrue(abilities().contains(Ability.EMBEDDING));
        for (int i = 0; i < 50; i++) {
            EmbeddingProbe probe = EmbeddingProbe.submit(engine, embeddingRequest("never mind ".repeat(1 + i % 7), 0));
            if (i % 2 == 0) {
                java.util.concurrent.locks.LockSupport.parkNanos(100_000L * i);
            }
            probe.embedding().cancel();
            probe.embedding().cancel();

            // It may have been quicker than the cancel.
            assertThat(probe.awaitEnd()).isInstanceOfAny(EmbeddingEvent.Cancelled.class, EmbeddingEvent.Finished.class);
        }
    }

    @Test
    void otherDimensionsThanTheModelsAreRefusedWithBothNumbers() {
        Assumptions.assumeTrue(abilities().contains(Ability.EMBEDDING));
        int own = EmbeddingProbe.complete(engine, "how long").vectors().getFirst().length;
        var less = (EmbeddingEvent.Failed) EmbeddingProbe.complete(engine, embeddingRequest("how long", own - 1))
                .end();
        var same = EmbeddingProbe.complete(engine, embeddingRequest("how long", own));

        assertThat(less.code()).isEqualTo(ErrorCode.UNSUPPORTED_VALUE);
        assertThat(less.message()).contains(Integer.toString(own)).contains(Integer.toString(own - 1));
        assertThat(same.vectors()).hasSize(1);
    }

    @Test
    void inputLongerThanTheContextIsRefusedWithItsIndexAndBothNumbers() {
        Assumptions.assumeTrue(abilities().contains(Ability.EMBEDDING));
        int context = engine.model().contextTokens();
        EmbeddingProbe probe = EmbeddingProbe.complete(engine, "short", "word ".repeat(context + 5));

        var end = (EmbeddingEvent.Failed) probe.end();
        assertThat(end.code()).isEqualTo(ErrorCode.CONTEXT_LENGTH_EXCEEDED);
        assertThat(end.message()).contains("input[1]").contains(Integer.toString(context));
        assertThat(probe.events()).hasSize(1);
    }

    @Test
    void engineThatMakesNoEmbeddingsSaysSo() {
        Assumptions.assumeFalse(abilities().contains(Ability.EMBEDDING));
        EmbeddingProbe probe = EmbeddingProbe.complete(engine, "a text");

        assertThat(((EmbeddingEvent.Failed) probe.end()).code()).isEqualTo(ErrorCode.UNSUPPORTED_VALUE);
        assertThat(probe.events()).hasSize(1);
    }

    @Test
    void closedEngineRefusesEmbeddings() {
        Assumptions.assumeTrue(abilities().contains(Ability.EMBEDDING));
        engine.close();

        var end = (EmbeddingEvent.Failed)
                EmbeddingProbe.complete(engine, "too late").end();
        assertThat(end.code()).isEqualTo(ErrorCode.ENGINE_LOST);
    }

    private static EmbeddingRequest embeddingRequest(String text, int dimensions) {
        return new EmbeddingRequest(new RequestId("embedding"), List.of(new Prompt.Text(text)), dimensions);
    }

    /// A greedy request with the model's own ending.
    protected final GenerationRequest request(String text, int maxTokens) {
        return request(text, maxTokens, Stopping.AT_END);
    }

    private GenerationRequest request(String text, int maxTokens, Stopping stopping) {
        RequestId id = new RequestId("contract-" + nextId++);
        return new GenerationRequest(id, new Prompt.Text(text), maxTokens, stopping, Sampling.GREEDY, Share.DEFAULT);
    }

    private GenerationRequest longRequest(String text) {
        return request(text, 150, new Stopping(List.of(), true, 0));
    }

    private void awaitPause() {
        awaitTurns("a pause", () -> engine.status().counters().pausesForSlowReaders() > 0);
    }

    private void awaitIdle() {
        awaitTurns("an idle engine", () -> {
            var status = engine.status();
            return status.runningSequences() == 0
                    && status.waitingSequences() == 0
                    && status.kvCellsUsed() == status.kvCellsCached();
        });
    }

    private void awaitTurns(String what, java.util.function.BooleanSupplier condition) {
        for (int i = 0; i < TIMEOUT_TURNS; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
        throw new AssertionError("no " + what + ": " + engine.status());
    }
}
