package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.Engine;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.engine.batch.ModelBackend;
import dev.millrace.llama.ffm.LlamaLibrary;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.testing.engine.EmbeddingProbe;
import dev.millrace.testing.engine.GenerationProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A model that reads text as a whole and generates nothing.
class EncoderIT {
    private static final int MEAN = 1;
    private static final int FIRST = 2;
    private static final int LAST = 3;
    private static final double SAME = 0.9999;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void vectorsOfABatchAreThoseOfEachInputAlone(NativeAbi abi) throws IOException {
        String[] texts = {"the mill", "bread", "water the mill race and the bread"};
        for (int pooling : new int[] {MEAN, FIRST, LAST}) {
            try (Engine engine = engine(abi, pooling)) {
                List<float[]> together = EmbeddingProbe.complete(engine, texts).vectors();

                for (int i = 0; i < texts.length; i++) {
                    float[] alone =
                            EmbeddingProbe.complete(engine, texts[i]).vectors().getFirst();
                    assertThat(alone).hasSize(SyntheticBert.WIDTH);
                    assertThat(EmbeddingProbe.cosine(together.get(i), alone)).isGreaterThan(SAME);
                }
                assertThat(EmbeddingProbe.cosine(together.get(0), together.get(1)))
                        .isLessThan(SAME);
            }
        }
    }

    /// The vector of the first token is that of `[CLS]`, whatever the text: only what the model reads after it can make
    /// a difference.
    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void firstTokenKnowsWhatFollows(NativeAbi abi) throws IOException {
        try (Engine engine = engine(abi, FIRST)) {
            List<float[]> vectors = EmbeddingProbe.complete(engine, "bread the mill", "bread the water")
                    .vectors();

            assertThat(EmbeddingProbe.cosine(vectors.get(0), vectors.get(1))).isLessThan(SAME);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void textIsReadBetweenTheTokensThatTheModelWants(NativeAbi abi) throws Exception {
        Path file = SyntheticBert.write(directory.resolve("bert.gguf"), FIRST);
        var loaded = LlamaLoader.factory(
                        options(file, abi), ProgressListener.IGNORED, Cores.ALONE, NanoClock.SYSTEM, Clock.systemUTC())
                .load();
        try (ModelBackend backend = loaded.backend()) {
            int[] tokens = backend.vocabulary().encodeWhole(new Prompt.Text("the mill"));

            assertThat(backend.generates()).isFalse();
            assertThat(tokens)
                    .startsWith(SyntheticBert.CLS)
                    .endsWith(SyntheticBert.SEP)
                    .hasSize(4);
        }
        assertThat(LlamaLibrary.open(Natives.of(abi)).liveObjects()).isZero();
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void itGeneratesNothingAndSaysSo(NativeAbi abi) throws IOException {
        try (Engine engine = engine(abi, MEAN)) {
            var request = new GenerationRequest(
                    new RequestId("r"), new Prompt.Text("the"), 5, Stopping.AT_END, Sampling.GREEDY, Share.DEFAULT);
            var end = (GenerationEvent.Failed)
                    GenerationProbe.complete(engine, request).awaitedEnd();

            assertThat(end.code()).isEqualTo(ErrorCode.UNSUPPORTED_VALUE);
            assertThat(end.message()).contains("cannot generate text");
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void inputsUpToItsContextAreReadAndLongerOnesRefused(NativeAbi abi) throws IOException {
        try (Engine engine = engine(abi, MEAN)) {
            assertThat(engine.model().contextTokens()).isEqualTo(SyntheticBert.CONTEXT);
            assertThat(EmbeddingProbe.complete(engine, "the ".repeat(SyntheticBert.CONTEXT - 2))
                            .end())
                    .isInstanceOf(EmbeddingEvent.Finished.class);
            var end = (EmbeddingEvent.Failed) EmbeddingProbe.complete(engine, "the ".repeat(SyntheticBert.CONTEXT - 1))
                    .end();
            assertThat(end.code()).isEqualTo(ErrorCode.CONTEXT_LENGTH_EXCEEDED);
            assertThat(end.message()).contains("input[0]", "97", "96");
        }
    }

    private Engine engine(NativeAbi abi, int pooling) throws IOException {
        return Tiny.engine(options(SyntheticBert.write(directory.resolve("bert.gguf"), pooling), abi));
    }

    private static LlamaOptions options(Path file, NativeAbi abi) throws IOException {
        return LlamaOptions.of(new ModelId("bert"), file, Natives.of(abi))
                .withThreads(1)
                .withContextTokens(4096);
    }
}
