package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.batch.ModelBackend.StepResult;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.engine.sample.Samplers;
import dev.millrace.engine.sample.TokenSampler;
import dev.millrace.llama.natives.NativeAbi;
import java.io.IOException;
import java.lang.management.ManagementFactory;
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

    private static Path tiny;

    @BeforeAll
    static void makeModel() throws IOException {
        tiny = directory.resolve("tiny.gguf");
        SyntheticGguf.write(tiny, SyntheticGguf.TINY);
    }

    private static LlamaOptions options(NativeAbi abi) throws IOException {
        return LlamaOptions.of(new ModelId("tiny"), tiny, Natives.of(abi)).withThreads(1);
    }

    private static LlamaBackend load(LlamaOptions options) throws IOException {
        return LlamaBackend.load(options, ProgressListener.IGNORED, NanoClock.SYSTEM, Clock.systemUTC());
    }

    private static TokenSampler greedySampler(LlamaBackend backend) {
        return Samplers.of(Sampling.GREEDY, backend.vocabulary().size());
    }

    private static int[] prompt(int length) {
        int[] prompt = new int[length];
        Arrays.setAll(prompt, i -> i == 0 ? SyntheticGguf.BOS : 262 + (i * 31) % 100);
        return prompt;
    }

    private static StepResult prefill(LlamaBackend backend, int[] tokens, int slot) {
        StepBatch batch = new StepBatch(backend.limits().batchTokens());
        for (int i = 0; i < tokens.length; i++) {
            batch.add(tokens[i], i, slot, i == tokens.length - 1);
        }
        return backend.decode(batch);
    }

    private static List<Integer> greedy(LlamaBackend backend, int[] prompt, int slot, int count) {
        TokenSampler sampler = greedySampler(backend);
        assertThat(prefill(backend, prompt, slot)).isEqualTo(StepResult.OK);
        List<Integer> tokens = new ArrayList<>(List.of(backend.sample(prompt.length - 1, sampler)));
        StepBatch batch = new StepBatch(1);
        while (tokens.size() < count) {
            batch.clear();
            batch.add(tokens.getLast(), prompt.length + tokens.size() - 1, slot, true);
            assertThat(backend.decode(batch)).isEqualTo(StepResult.OK);
            tokens.add(backend.sample(0, sampler));
        }
        return tokens;
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void greedyAnswerIsTheSameEachTime(NativeAbi abi) throws IOException {
        try (LlamaBackend backend = load(options(abi))) {
            List<Integer> first = greedy(backend, prompt(9), 0, 20);
            List<Integer> second = greedy(backend, prompt(9), 1, 20);

            assertThat(second).isEqualTo(first);
            assertThat(first.stream().distinct().count()).isGreaterThan(1);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void decodingAndSamplingAllocateNothing(NativeAbi abi) throws IOException {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (LlamaBackend backend = load(options(abi).withContextTokens(1_024))) {
            StepBatch batch = new StepBatch(4);
            TokenSampler sampler = greedySampler(backend);
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

            // The compiler's own doings count, too, so the first windows are not clean; a leak per token is in each.
            assertThat(least).isZero();
        }
    }
}
