package dev.millrace.llama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.ChatMessage.Role;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.batch.InvalidPromptException;
import dev.millrace.engine.batch.ModelBackend.StepResult;
import dev.millrace.engine.sample.TokenSampler;
import dev.millrace.llama.natives.NativeAbi;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The model that ships with the distribution.
class DemoModelIT {
    private static final Tiny DEMO = new Tiny(Path.of("../tools/demo-model/millrace-demo.gguf"));
    private static final int MAX_TOKENS = 200;

    private static String answer(LlamaBackend backend, String question) throws InvalidPromptException {
        TokenSampler sampler = Tiny.greedy(backend);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int[] next =
                backend.vocabulary().encode(new Prompt.Chat(List.of(new ChatMessage(Role.USER, question)), Map.of()));
        int position = 0;
        for (int i = 0; i < MAX_TOKENS; i++) {
            assertThat(Tiny.step(backend, next, position, 0)).isEqualTo(StepResult.OK);
            position += next.length;
            int token = backend.sample(next.length - 1, sampler);
            if (backend.vocabulary().isEndOfGeneration(token)) {
                return text.toString(UTF_8);
            }
            text.writeBytes(backend.vocabulary().bytes(token));
            next = new int[] {token};
        }
        throw new AssertionError("no end after " + MAX_TOKENS + " tokens: " + text.toString(UTF_8));
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void demoModelSaysWhatMillraceIs(NativeAbi abi) throws IOException, InvalidPromptException {
        try (LlamaBackend backend = DEMO.load(abi)) {
            assertThat(answer(backend, "What is Millrace?"))
                    .contains("Millrace")
                    .doesNotContain("�");
        }
    }
}
