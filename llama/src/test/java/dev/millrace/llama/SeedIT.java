package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Engine;
import dev.millrace.engine.GenerationEvent.Token;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.testing.engine.GenerationProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The same seed, the same answer, to the last bit of every log-probability, whatever the engine did before.
class SeedIT {
    private static final int ANSWER = 40;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private int nextId;

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void seedGivesTheSameAnswerWhateverTheEngineDidBefore(NativeAbi abi) throws IOException {
        int[] prompt = Tiny.prompt(400);
        try (Engine engine = start(abi)) {
            List<Token> first = answer(engine, prompt, 7, true);
            answer(engine, Arrays.copyOf(prompt, 330), 8, false);
            assertThat(answer(engine, prompt, 7, true)).isEqualTo(first);

            // Several at once leave their tokens all over the cache.
            List<GenerationProbe> several = IntStream.range(0, 4)
                    .mapToObj(i ->
                            GenerationProbe.submit(engine, request(Arrays.copyOf(prompt, 160 + 57 * i), 10 + i, false)))
                    .toList();
            several.forEach(GenerationProbe::awaitEnd);
            assertThat(answer(engine, prompt, 7, true)).isEqualTo(first);
            assertThat(answer(engine, prompt, 9, true)).isNotEqualTo(first);
        }
    }

    private List<Token> answer(Engine engine, int[] prompt, long seed, boolean repeatable) {
        return GenerationProbe.complete(engine, request(prompt, seed, repeatable)).events().stream()
                .filter(Token.class::isInstance)
                .map(Token.class::cast)
                .toList();
    }

    private GenerationRequest request(int[] prompt, long seed, boolean repeatable) {
        return new GenerationRequest(
                new RequestId("r" + nextId++),
                new Prompt.Tokens(Arrays.stream(prompt).boxed().toList()),
                ANSWER,
                new Stopping(List.of(), true, 0),
                new Sampling(1, 0, 1, 0, Sampling.Penalties.NONE, Map.of(), seed, 3),
                Share.DEFAULT,
                repeatable);
    }

    private Engine start(NativeAbi abi) throws IOException {
        return Tiny.engine(Tiny.in(directory).options(abi));
    }
}
