package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.batch.ModelBackend.StepResult;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.engine.sample.TokenSampler;
import dev.millrace.llama.ProgressListener.Phase;
import dev.millrace.llama.ffm.LoadCancelledException;
import dev.millrace.llama.natives.NativeAbi;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The backend with a tiny model of random weights, on both builds of llama.cpp.
class LlamaBackendIT {
    @TempDir
    private static Path directory;

    private static Tiny tiny;

    @BeforeAll
    static void makeModel() throws IOException {
        tiny = Tiny.in(directory);
    }

    private static List<Integer> greedyAnswer(LlamaBackend backend, int[] prompt, int slot, int count) {
        TokenSampler sampler = Tiny.greedy(backend);
        assertThat(Tiny.step(backend, prompt, 0, slot)).isEqualTo(StepResult.OK);
        List<Integer> tokens = new ArrayList<>(List.of(backend.sample(prompt.length - 1, sampler)));
        while (tokens.size() < count) {
            int position = prompt.length + tokens.size() - 1;
            assertThat(Tiny.step(backend, new int[] {tokens.getLast()}, position, slot))
                    .isEqualTo(StepResult.OK);
            tokens.add(backend.sample(0, sampler));
        }
        return tokens;
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void greedyAnswerIsTheSameEachTime(NativeAbi abi) throws IOException {
        try (LlamaBackend backend = tiny.load(abi)) {
            List<Integer> first = greedyAnswer(backend, Tiny.prompt(9), 0, 20);
            List<Integer> second = greedyAnswer(backend, Tiny.prompt(9), 1, 20);

            assertThat(second).isEqualTo(first);
            assertThat(first.stream().distinct().count()).isGreaterThan(1);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void modelIsDescribedAsTheFileSays(NativeAbi abi) throws IOException {
        try (LlamaBackend backend = tiny.load(abi)) {
            assertThat(backend.model().engine()).isEqualTo(Natives.of(abi).description());
            assertThat(backend.model().contextTokens()).isEqualTo(SyntheticGguf.TINY.context());
            assertThat(backend.model().parameters()).isBetween(100_000L, 200_000L);
            assertThat(backend.model().sizeBytes()).isBetween(400_000L, 800_000L);
            assertThat(backend.limits().slots()).isEqualTo(16);
            assertThat(backend.limits().runningSlots()).isEqualTo(4);
            assertThat(backend.cost().baseStepNanos()).isPositive();
            assertThat(backend.cost().prefillTokenNanos()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void copiedPrefixGivesTheLogitsOfARecomputedOne(NativeAbi abi) throws IOException {
        int[] prefix = Tiny.prompt(64);
        int[] next = {321};
        try (LlamaBackend backend = tiny.load(abi)) {
            Tiny.step(backend, prefix, 0, 0);
            backend.copyPrefix(0, 3, 64);
            Tiny.step(backend, next, 64, 3);
            float[] shared = Tiny.logits(backend, 0);

            Tiny.step(backend, prefix, 0, 5);
            Tiny.step(backend, next, 64, 5);
            float[] recomputed = Tiny.logits(backend, 0);

            Tiny.step(backend, next, 0, 6);
            float[] withoutPrefix = Tiny.logits(backend, 0);
            for (int i = 0; i < shared.length; i++) {
                assertThat(shared[i]).isCloseTo(recomputed[i], within(0.1f));
            }
            assertThat(distance(withoutPrefix, recomputed)).isGreaterThan(0.5f);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void truncatedSequenceGoesOnAsIfTheRestHadNeverBeen(NativeAbi abi) throws IOException {
        int[] prompt = Tiny.prompt(64);
        try (LlamaBackend backend = tiny.load(abi)) {
            Tiny.step(backend, Arrays.copyOf(prompt, 32), 0, 0);
            float[] expected = Tiny.logits(backend, 31);
            Tiny.step(backend, prompt, 0, 1);
            backend.truncate(1, 31);

            Tiny.step(backend, new int[] {prompt[31]}, 31, 1);

            assertThat(distance(Tiny.logits(backend, 0), expected)).isLessThan(0.1f);
        }
    }

    private static float distance(float[] a, float[] b) {
        float most = 0;
        for (int i = 0; i < a.length; i++) {
            most = Math.max(most, Math.abs(a[i] - b[i]));
        }
        return most;
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void abortEndsAPrefillAndTheNextStepRuns(NativeAbi abi) throws Exception {
        LlamaOptions options =
                tiny.options(abi).withContextTokens(16_384).withKvCells(16_384).withBatchTokens(8_192);
        try (LlamaBackend backend = Tiny.load(options)) {
            int[] longPrompt = Tiny.prompt(8_192);
            StepResult result = StepResult.OK;
            Thread aborter = Thread.ofPlatform().start(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    backend.abortStep();
                    Thread.onSpinWait();
                }
            });
            try {
                result = Tiny.step(backend, longPrompt, 0, 0);
            } finally {
                aborter.interrupt();
                aborter.join();
            }

            assertThat(result).isEqualTo(StepResult.ABORTED);
            backend.truncate(0, 0);
            assertThat(Tiny.step(backend, Tiny.prompt(16), 0, 0)).isEqualTo(StepResult.OK);
            float[] after = Tiny.logits(backend, 15);
            Tiny.step(backend, Tiny.prompt(16), 0, 1);
            assertThat(distance(after, Tiny.logits(backend, 15))).isLessThan(0.1f);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void nothingOutOfRangeReachesNativeCode(NativeAbi abi) throws IOException {
        try (LlamaBackend backend = tiny.load(abi)) {
            int vocabulary = backend.vocabulary().size();
            int slots = backend.limits().slots();
            int[][] bad = {
                {-1, 0, 0},
                {vocabulary, 0, 0},
                {9_999_999, 0, 0},
                {300, -1, 0},
                {300, 1 << 20, 0},
                {300, 0, -1},
                {300, 0, slots}
            };
            for (int[] values : bad) {
                StepBatch batch = new StepBatch(1);
                batch.add(values[0], values[1], values[2], true);

                assertThatThrownBy(() -> backend.decode(batch))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("expected: 0..");
            }
            assertThatThrownBy(() -> backend.sample(0, Tiny.greedy(backend)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(Tiny.step(backend, Tiny.prompt(4), 0, 0)).isEqualTo(StepResult.OK);
            assertThatThrownBy(() -> backend.sample(0, Tiny.greedy(backend)))
                    .as("index 0 had no output")
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void fullCacheIsReportedAndLeavesTheOthersIntact(NativeAbi abi) throws IOException {
        LlamaOptions options = tiny.options(abi).withContextTokens(256).withKvCells(256);
        try (LlamaBackend backend = Tiny.load(options)) {
            assertThat(Tiny.step(backend, Tiny.prompt(200), 0, 0)).isEqualTo(StepResult.OK);
            assertThat(Tiny.step(backend, Tiny.prompt(100), 0, 1)).isEqualTo(StepResult.KV_FULL);

            assertThat(Tiny.step(backend, new int[] {300}, 200, 0)).isEqualTo(StepResult.OK);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void freeCellsAreUsedEvenIfTheyAreScattered(NativeAbi abi) throws IOException {
        LlamaOptions options =
                tiny.options(abi).withContextTokens(512).withKvCells(512).withSlots(16, 0);
        int[] outputs = {0, 50, 130, 199};
        List<float[]> expected = new ArrayList<>();
        try (LlamaBackend backend = Tiny.load(options)) {
            prefill(backend, 200, outputs);
            for (int index : outputs) {
                expected.add(Tiny.logits(backend, index));
            }
        }
        try (LlamaBackend backend = Tiny.load(options)) {
            for (int slot = 0; slot < 16; slot++) {
                assertThat(Tiny.step(backend, Tiny.prompt(32), 0, slot)).isEqualTo(StepResult.OK);
            }
            for (int slot = 0; slot < 16; slot += 2) {
                backend.truncate(slot, 0);
            }

            prefill(backend, 200, outputs);

            for (int i = 0; i < outputs.length; i++) {
                assertThat(distance(Tiny.logits(backend, outputs[i]), expected.get(i)))
                        .isLessThan(0.1f);
            }
            assertThat(Tiny.step(backend, Tiny.prompt(100), 0, 2)).isEqualTo(StepResult.KV_FULL);
            assertThat(Tiny.step(backend, Tiny.prompt(56), 0, 2)).isEqualTo(StepResult.OK);
        }
    }

    private static void prefill(LlamaBackend backend, int length, int[] outputs) {
        StepBatch batch = new StepBatch(length);
        int[] prompt = Tiny.prompt(length);
        for (int i = 0; i < length; i++) {
            batch.add(prompt[i], i, 0, Arrays.binarySearch(outputs, i) >= 0);
        }
        assertThat(backend.decode(batch)).isEqualTo(StepResult.OK);
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void decodingAndSamplingAllocateNothing(NativeAbi abi) throws IOException {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (LlamaBackend backend = Tiny.load(tiny.options(abi).withContextTokens(1_024))) {
            StepBatch batch = new StepBatch(4);
            TokenSampler sampler = Tiny.greedy(backend);
            long least = Long.MAX_VALUE;
            int token = 300;
            for (int window = 0; window < 8; window++) {
                backend.truncate(0, 0);
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int step = 0; step < 1_000; step++) {
                    batch.clear();
                    batch.add(token, step, 0, true);
                    backend.decode(batch);
                    token = backend.sample(0, sampler);
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }

            // The compiler's own doings count, too, so the first windows are not clean; a leak per token is in
            // each.
            assertThat(least).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void loadingReportsItsProgressInOrder(NativeAbi abi) throws IOException {
        List<Float> loading = new ArrayList<>();
        List<Float> warming = new ArrayList<>();
        ProgressListener listener = (phase, fraction) -> (phase == Phase.LOADING ? loading : warming).add(fraction);

        LlamaBackend.load(tiny.options(abi), listener, Cores.ALONE, NanoClock.SYSTEM, Clock.systemUTC())
                .close();

        assertThat(loading).hasSizeGreaterThan(3).isSorted().endsWith(1f).allMatch(f -> f >= 0 && f <= 1);
        assertThat(warming).isSorted().endsWith(1f);
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void loadingEndsInAnyPhaseWhenItsListenerSaysSo(NativeAbi abi) throws IOException {
        LlamaOptions options = tiny.options(abi);
        for (Phase phase : Phase.values()) {
            for (float limit : new float[] {0, 0.4f, 1}) {
                ProgressListener listener = (p, fraction) -> p != phase || fraction < limit;

                assertThatThrownBy(() ->
                                LlamaBackend.load(options, listener, Cores.ALONE, NanoClock.SYSTEM, Clock.systemUTC()))
                        .isInstanceOf(LoadCancelledException.class);
            }
        }

        tiny.load(abi).close();
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void listenerThatThrowsEndsTheLoadAndNotTheProcess(NativeAbi abi) throws IOException {
        ProgressListener listener = (phase, fraction) -> {
            throw new IllegalArgumentException("mine");
        };
        LlamaOptions options = tiny.options(abi);

        assertThatThrownBy(() -> LlamaBackend.load(options, listener, Cores.ALONE, NanoClock.SYSTEM, Clock.systemUTC()))
                .isInstanceOf(ModelLoadException.class)
                .hasStackTraceContaining("mine");
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void fileCutShortIsRefused(NativeAbi abi) throws IOException {
        Path cut = directory.resolve("cut.gguf");
        byte[] whole = Files.readAllBytes(tiny.file());
        for (int length : new int[] {10, 30, 1_000, 20_000, whole.length - 1}) {
            Files.write(cut, Arrays.copyOf(whole, length));
            LlamaOptions options = new Tiny(cut).options(abi);

            assertThatThrownBy(() -> Tiny.load(options))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("cut.gguf");
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void anotherThreadIsRefused(NativeAbi abi) throws Exception {
        try (LlamaBackend backend = tiny.load(abi)) {
            List<Throwable> thrown = new ArrayList<>();
            Thread other = Thread.ofPlatform().start(() -> {
                try {
                    Tiny.step(backend, Tiny.prompt(2), 0, 0);
                } catch (IllegalStateException e) {
                    thrown.add(e);
                }
            });
            other.join();

            assertThat(thrown).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void modelLoadsWithOneSlotAndOneTokenAStep(NativeAbi abi) throws IOException {
        LlamaOptions options = tiny.options(abi).withSlots(1, 0).withBatchTokens(1);

        try (LlamaBackend backend = Tiny.load(options)) {
            assertThat(backend.limits().batchTokens()).isEqualTo(1);
            assertThat(backend.limits().canCut()).isTrue();
        }
    }
}
