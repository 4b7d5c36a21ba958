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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Conversations with a model whose state cannot be cut.
class RecurrentModelIT {
    private static final int ANSWER = 30;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private int nextId;

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void secondTurnGoesOnFromTheFirstAndAnswersAsIfItHadNot(NativeAbi abi) throws IOException {
        List<Integer> question = tokens(Tiny.prompt(60));
        List<Integer> secondTurn = new ArrayList<>(question);
        try (Engine engine = start(abi)) {
            secondTurn.addAll(answer(engine, question));
            secondTurn.addAll(List.of(270, 280, 290));
            GenerationProbe second = GenerationProbe.complete(engine, request(secondTurn));

            // All but the last token of the first answer, which was never computed.
            assertThat(second.awaitedEnd().usage().cachedTokens()).isEqualTo(60 + ANSWER - 1);
            assertThat(ids(second)).isEqualTo(answerOfNewEngine(abi, secondTurn));
        }
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void otherTurnWithTheSameBeginningIsComputedFromTheStart(NativeAbi abi) throws IOException {
        List<Integer> question = tokens(Tiny.prompt(60));
        List<Integer> other = new ArrayList<>(question.subList(0, 50));
        other.addAll(List.of(270, 280, 290));
        try (Engine engine = start(abi)) {
            answer(engine, question);
            GenerationProbe second = GenerationProbe.complete(engine, request(other));

            assertThat(second.awaitedEnd().usage().cachedTokens()).isZero();
            assertThat(ids(second)).isEqualTo(answerOfNewEngine(abi, other));
        }
    }

    private List<Integer> answerOfNewEngine(NativeAbi abi, List<Integer> prompt) throws IOException {
        try (Engine engine = start(abi)) {
            return answer(engine, prompt);
        }
    }

    private List<Integer> answer(Engine engine, List<Integer> prompt) {
        return ids(GenerationProbe.complete(engine, request(prompt)));
    }

    private static List<Integer> ids(GenerationProbe probe) {
        return probe.events().stream()
                .filter(Token.class::isInstance)
                .map(event -> ((Token) event).tokenId())
                .toList();
    }

    private static List<Integer> tokens(int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }

    private GenerationRequest request(List<Integer> prompt) {
        return new GenerationRequest(
                new RequestId("r" + nextId++),
                new Prompt.Tokens(prompt),
                ANSWER,
                new Stopping(List.of(), true, 0),
                Sampling.GREEDY,
                Share.DEFAULT);
    }

    private Engine start(NativeAbi abi) throws IOException {
        return Tiny.engine(Tiny.recurrentIn(directory).options(abi));
    }
}
