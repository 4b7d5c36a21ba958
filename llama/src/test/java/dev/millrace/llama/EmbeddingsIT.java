package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.EmbeddingEvent.Failed;
import dev.millrace.engine.EmbeddingEvent.Finished;
import dev.millrace.engine.Engine;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.testing.engine.EmbeddingProbe;
import dev.millrace.testing.engine.GenerationProbe;
import dev.millrace.testing.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Vectors of the demo model, and of small ones that say how theirs are to be made.
class EmbeddingsIT {
    private static final Tiny DEMO = new Tiny(Path.of("../tools/demo-model/millrace-demo.gguf"));
    private static final Stopping GO_ON = new Stopping(List.of(), true, 0);
    private static final double SAME = 0.9999;
    private static final int[] TOKENS = {1, 263, 270, 291, 305};

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void tokensOfATextHaveItsVector(NativeAbi abi) throws Exception {
        String text = "How do I change the port of the server?";
        Prompt tokens;
        try (LlamaBackend backend = DEMO.load(abi)) {
            tokens = tokens(backend.vocabulary().encodeWhole(new Prompt.Text(text)));
        }
        try (Engine engine = Tiny.engine(DEMO.options(abi))) {
            List<float[]> vectors = EmbeddingProbe.complete(engine, List.of(new Prompt.Text(text), tokens, tokens))
                    .vectors();

            assertThat(EmbeddingProbe.cosine(vectors.get(0), vectors.get(1))).isGreaterThan(SAME);
            assertThat(EmbeddingProbe.cosine(vectors.get(1), vectors.get(2))).isGreaterThan(SAME);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void longInputsBesideAnAnswerAreMadeInPartsAndAreTheSame(NativeAbi abi) throws IOException {
        String text = "The weather is fine today. We had coffee at noon. ".repeat(30);
        try (Engine engine = Tiny.engine(DEMO.options(abi))) {
            float[] alone = EmbeddingProbe.complete(engine, text).vectors().getFirst();
            var request = new GenerationRequest(
                    new RequestId("chat"), new Prompt.Text("What"), 300, GO_ON, Sampling.GREEDY, Share.DEFAULT);
            GenerationProbe answer = GenerationProbe.submit(engine, request);
            answer.awaitTokens(1);
            var three = new EmbeddingProbe[3];
            Arrays.setAll(three, i -> EmbeddingProbe.submit(engine, EmbeddingProbe.texts(text, "short", text)));
            answer.awaitEnd();

            for (EmbeddingProbe probe : three) {
                assertThat(probe.awaitEnd()).isInstanceOf(Finished.class);
                assertThat(EmbeddingProbe.cosine(probe.vectors().get(0), alone)).isGreaterThan(SAME);
                assertThat(EmbeddingProbe.cosine(probe.vectors().get(2), alone)).isGreaterThan(SAME);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void badTokensAreRefusedWithTheirIndex(NativeAbi abi) throws IOException {
        try (Engine engine = Tiny.engine(DEMO.options(abi))) {
            var inputs = List.<Prompt>of(tokens(1, 2), tokens(1, 1 << 24));
            var end = (Failed) EmbeddingProbe.complete(engine, inputs).end();

            assertThat(end.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(end.message()).startsWith("input[1]: token 16777216 is not in the vocabulary");
        }
    }

    /// The last norm of the made-up model is all ones, so the vectors of its tokens are equally long, and what the
    /// pooling makes of them can be told from the vectors of all beginnings.
    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void poolingIsWhatTheFileSays(NativeAbi abi) throws IOException {
        float[][] ofTokens = new float[TOKENS.length][];
        float[] last;
        try (Engine engine = with(abi, gguf -> gguf.number("llama.pooling_type", 3))) {
            for (int i = 0; i < TOKENS.length; i++) {
                ofTokens[i] = vector(engine, Arrays.copyOf(TOKENS, i + 1));
            }
            last = vector(engine, TOKENS);
        }
        float[] first;
        try (Engine engine = with(abi, gguf -> gguf.number("llama.pooling_type", 2))) {
            first = vector(engine, TOKENS);
        }
        float[] mean;
        try (Engine engine = with(abi, gguf -> gguf.number("llama.pooling_type", 1))) {
            mean = vector(engine, TOKENS);
        }

        float[] expected = new float[last.length];
        for (float[] ofToken : ofTokens) {
            for (int k = 0; k < expected.length; k++) {
                expected[k] += ofToken[k];
            }
        }
        double length = Math.sqrt(EmbeddingProbe.cosine(expected, expected));
        assertThat(EmbeddingProbe.cosine(last, ofTokens[TOKENS.length - 1])).isGreaterThan(SAME);
        assertThat(EmbeddingProbe.cosine(first, ofTokens[0])).isGreaterThan(SAME);
        assertThat(EmbeddingProbe.cosine(mean, expected) / length).isGreaterThan(SAME);
        assertThat(EmbeddingProbe.cosine(mean, last)).isLessThan(0.99);
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void modelWhoseFileSaysNothingOfPoolingTakesTheMean(NativeAbi abi) throws IOException {
        float[] silent;
        try (Engine engine = with(abi, gguf -> {})) {
            silent = vector(engine, TOKENS);
        }
        try (Engine engine = with(abi, gguf -> gguf.number("llama.pooling_type", 1))) {
            assertThat(EmbeddingProbe.cosine(silent, vector(engine, TOKENS))).isGreaterThan(SAME);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void modelsWithoutAVectorOfATextSaySo(NativeAbi abi) throws IOException {
        for (int type : new int[] {0, 4}) {
            try (Engine engine = with(abi, gguf -> gguf.number("llama.pooling_type", type))) {
                var end = (Failed) EmbeddingProbe.complete(engine, "text").end();

                assertThat(end.code()).isEqualTo(ErrorCode.UNSUPPORTED_VALUE);
                assertThat(end.message()).contains("pooling_type");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void endThatTheModelWantsBehindATextIsThere(NativeAbi abi) throws Exception {
        Path file = directory.resolve("ending.gguf");
        SyntheticGguf.write(file, SyntheticGguf.TINY, gguf -> gguf.flag("tokenizer.ggml.add_eos_token", true));
        try (LlamaBackend backend = new Tiny(file).load(abi)) {
            int[] open = backend.vocabulary().encode(new Prompt.Text("hello"));
            int[] whole = backend.vocabulary().encodeWhole(new Prompt.Text("hello"));

            assertThat(Arrays.copyOf(whole, open.length)).isEqualTo(open);
            assertThat(Arrays.copyOfRange(whole, open.length, whole.length)).containsExactly(SyntheticGguf.EOS);
        }
    }

    /// Both ways through the text: what follows a token changes its vector, so nothing may be computed in parts.
    @Test
    void modelThatReadsBothWaysReadsEachInputAtOnce() throws IOException {
        NativeAbi abi = NativeAbi.V0_5_0;
        Consumer<GgufWriter> bothWays =
                gguf -> gguf.flag("llama.attention.causal", false).number("llama.pooling_type", 2);
        try (Engine engine = with(abi, bothWays)) {
            float[] alone = vector(engine, new int[] {TOKENS[0]});
            List<float[]> together = EmbeddingProbe.complete(engine, List.of(tokens(TOKENS), tokens(TOKENS[0])))
                    .vectors();

            assertThat(EmbeddingProbe.cosine(together.get(0), alone)).isLessThan(0.99);
            assertThat(EmbeddingProbe.cosine(together.get(0), vector(engine, TOKENS)))
                    .isGreaterThan(SAME);
            assertThat(EmbeddingProbe.cosine(together.get(1), alone)).isGreaterThan(SAME);
        }
    }

    private Engine with(NativeAbi abi, Consumer<GgufWriter> more) throws IOException {
        Path file = directory.resolve("tiny.gguf");
        SyntheticGguf.write(file, SyntheticGguf.TINY, more);
        return Tiny.engine(new Tiny(file).options(abi));
    }

    private static float[] vector(Engine engine, int[] tokens) {
        return EmbeddingProbe.complete(engine, List.of(tokens(tokens)))
                .vectors()
                .getFirst();
    }

    private static Prompt tokens(int... tokens) {
        return new Prompt.Tokens(Arrays.stream(tokens).boxed().toList());
    }
}
