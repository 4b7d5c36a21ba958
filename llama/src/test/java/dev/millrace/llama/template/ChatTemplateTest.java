package dev.millrace.llama.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.ChatMessage.Role;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ChatTemplateTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-23T12:00:00Z"), ZoneOffset.UTC);
    private static final TemplateTokens CHATML =
            new TemplateTokens("<s>", "</s>", Set.of("<|im_start|>", "<|im_end|>"));

    @Test
    void aModelWithoutATemplateGetsChatMlIfItKnowsIt() throws Exception {
        ChatTemplate template = ChatTemplate.builtIn(CHATML, CLOCK, () -> 0);

        RenderedPrompt prompt = template.render(List.of(new ChatMessage(Role.USER, "Hi")), Map.of());

        assertThat(prompt.text()).isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    }
}
