package dev.millrace.llama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.batch.BatchEngine;
import dev.millrace.engine.batch.ModelBackend.StepResult;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.engine.batch.StepBudget;
import dev.millrace.engine.sample.Samplers;
import dev.millrace.engine.sample.TokenSampler;
import dev.millrace.llama.natives.NativeAbi;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A tiny model of random weights, and what tests do with it.
record Tiny(Path file) {
    private static final int LONGEST_ANSWER = 1_000;
    private static final int OPENING = 30;

    /// Writes the model into a directory.
    static Tiny in(Path directory) throws IOException {
        Path file = directory.resolve("tiny.gguf");
        SyntheticGguf.write(file, SyntheticGguf.TINY);
        return new Tiny(file);
    }

    /// Writes one without a KV cache into a directory.
    static Tiny recurrentIn(Path directory) throws IOException {
        Path file = directory.resolve("tiny-recurrent.gguf");
        SyntheticGguf.write(file, SyntheticGguf.TINY_RECURRENT);
        return new Tiny(file);
    }

    LlamaOptions options(NativeAbi abi) throws IOException {
        return LlamaOptions.of(new ModelId("tiny"), file, Natives.of(abi)).withThreads(1);
    }

    LlamaBackend load(NativeAbi abi) throws IOException {
        return load(options(abi));
    }

    static LlamaBackend load(LlamaOptions options) throws IOException {
        return LlamaBackend.load(options, ProgressListener.IGNORED, Cores.ALONE, NanoClock.SYSTEM, Clock.systemUTC());
    }

    /// An engine on it, ready.
    static Engine engine(LlamaOptions options) {
        return BatchEngine.start(
                        LlamaLoader.factory(
                                options, ProgressListener.IGNORED, Cores.ALONE, NanoClock.SYSTEM, Clock.systemUTC()),
                        StepBudget.DEFAULT,
                        NanoClock.SYSTEM,
                        task -> Thread.ofVirtual().start(task),
                        Thread.ofPlatform().name("engine").factory())
                .join();
    }

    static TokenSampler greedy(LlamaBackend backend) {
        return Samplers.of(Sampling.GREEDY, backend.vocabulary().size());
    }

    /// Begin of sequence and arbitrary plain tokens.
    static int[] prompt(int length) {
        int[] prompt = new int[length];
        Arrays.setAll(prompt, i -> i == 0 ? SyntheticGguf.BOS : 262 + (i * 31) % 100);
        return prompt;
    }

    /// One step with all of `tokens` from a position on, and an output behind the last.
    static StepResult step(LlamaBackend backend, int[] tokens, int position, int slot) {
        StepBatch batch = new StepBatch(tokens.length);
        for (int i = 0; i < tokens.length; i++) {
            batch.add(tokens[i], position + i, slot, i == tokens.length - 1);
        }
        return backend.decode(batch);
    }

    /// The greedy answer to a prompt of which the tokens from a position on are still to be computed.
    static String answer(LlamaBackend backend, int[] prompt, int from, int slot) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        assertThat(generate(backend, prompt, from, slot, LONGEST_ANSWER, text))
                .as("an answer that ends: %s", text.toString(UTF_8))
                .isTrue();
        return text.toString(UTF_8);
    }

    /// How the greedy answer begins: for prompts like none that the model was trained on, whose answers end on some
    /// processors and never on others.
    static String opening(LlamaBackend backend, int[] prompt, int from, int slot) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        generate(backend, prompt, from, slot, OPENING, text);
        return text.toString(UTF_8);
    }

    /// @return true if the answer ended before it had `most` bytes
    private static boolean generate(
            LlamaBackend backend, int[] prompt, int from, int slot, int most, ByteArrayOutputStream text) {
        TokenSampler sampler = greedy(backend);
        int[] next = Arrays.copyOfRange(prompt, from, prompt.length);
        int position = from;
        while (text.size() < most) {
            assertThat(step(backend, next, position, slot)).isEqualTo(StepResult.OK);
            position += next.length;
            int token = backend.sample(next.length - 1, sampler);
            if (backend.vocabulary().isEndOfGeneration(token)) {
                return true;
            }
            text.writeBytes(backend.vocabulary().bytes(token));
            next = new int[] {token};
        }
        return false;
    }

    /// The logits behind the token at `index` of the last step.
    static float[] logits(LlamaBackend backend, int index) {
        Recorder recorder = new Recorder();
        backend.sample(index, recorder);
        return recorder.logits;
    }

    /// Keeps the logits it sees.
    private static final class Recorder implements TokenSampler {
        private float[] logits = {};

        @Override
        public Sampling sampling() {
            return Sampling.GREEDY;
        }

        @Override
        public void accept(int token) {}

        @Override
        public int choose(float[] seen) {
            logits = seen.clone();
            return 0;
        }

        @Override
        public boolean sawBrokenLogits() {
            return false;
        }

        @Override
        public @Nullable Chances lastChances() {
            return null;
        }
    }
}
