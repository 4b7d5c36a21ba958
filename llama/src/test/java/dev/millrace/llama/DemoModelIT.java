package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.ChatMessage.Role;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.batch.InvalidPromptException;
import dev.millrace.llama.natives.NativeAbi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The model that ships with the distribution.
class DemoModelIT {
    private static final Tiny DEMO = new Tiny(Path.of("../tools/demo-model/millrace-demo.gguf"));

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void demoModelSaysWhatMillraceIs(NativeAbi abi) throws IOException, InvalidPromptException {
        try (LlamaBackend backend = DEMO.load(abi)) {
            int[] question = backend.vocabulary()
                    .encode(new Prompt.Chat(List.of(new ChatMessage(Role.USER, "What is Millrace?")), Map.of()));

            assertThat(Tiny.answer(backend, question, 0, 0))
                    .contains("Millrace")
                    .doesNotContain("�");
        }
    }
}
