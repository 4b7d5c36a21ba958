package dev.millrace.llama.template;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.batch.InvalidPromptException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A model's chat template, compiled once and rendered per request. *Thread-safe.*
///
/// ```java
/// ChatTemplate template = ChatTemplate.compile(source, tokens, Clock.systemDefaultZone(), NanoClock.SYSTEM);
/// RenderedPrompt prompt = template.render(messages, Map.of("enable_thinking", false));
/// ```
public final class ChatTemplate {
    private final Jinjava jinjava;
    private final String source;
    private final TemplateTokens tokens;

    private ChatTemplate(String source, TemplateTokens tokens) {
        this.jinjava = new Jinjava(JinjavaConfig.newBuilder()
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withLegacyOverrides(LegacyOverrides.ALL)
                .build());
        this.source = source;
        this.tokens = tokens;
    }

    /// Compiles the Jinja source a model brought along.
    ///
    /// @param clock what `strftime_now` shows, in its zone
    /// @param nanoClock measures the time limit of a rendering
    public static ChatTemplate compile(String source, TemplateTokens tokens, Clock clock, NanoClock nanoClock) {
        return new ChatTemplate(source, tokens);
    }

    /// The template for a model that brought none: ChatML if its vocabulary has `<|im_start|>`, else `role: content`.
    public static ChatTemplate builtIn(TemplateTokens tokens, Clock clock, NanoClock nanoClock) {
        String source = tokens.control().contains("<|im_start|>")
                ? "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
                        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
                : "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
                        + "{% if add_generation_prompt %}assistant:{% endif %}";
        return compile(source, tokens, clock, nanoClock);
    }

    /// The prompt for a conversation, ready for the model's answer unless `arguments` say otherwise
    /// (`add_generation_prompt`). The begin-of-sequence token is in it only if the template wrote it.
    ///
    /// @param arguments extra variables: strings, numbers, booleans, lists and maps of these
    /// @throws InvalidPromptException if the template refuses the messages or breaks a limit
    public RenderedPrompt render(List<ChatMessage> messages, Map<String, Object> arguments)
            throws InvalidPromptException {
        Map<String, Object> bindings = new HashMap<>();
        bindings.put("add_generation_prompt", true);
        bindings.putAll(arguments);
        bindings.put("bos_token", tokens.bos());
        bindings.put("eos_token", tokens.eos());
        bindings.put(
                "messages",
                messages.stream()
                        .map(m -> Map.of("role", m.role().templateName(), "content", m.content()))
                        .toList());
        RenderResult result = jinjava.renderForResult(source, bindings);
        if (!result.getErrors().isEmpty()) {
            throw new InvalidPromptException(ErrorCode.INVALID_MESSAGES, "The model's chat template failed.");
        }
        return new RenderedPrompt(List.of(new RenderedPrompt.Segment(result.getOutput(), true)));
    }
}
