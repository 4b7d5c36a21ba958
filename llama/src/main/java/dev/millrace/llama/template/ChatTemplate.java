package dev.millrace.llama.template;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.batch.InvalidPromptException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A model's chat template, compiled once and rendered per request. *Thread-safe.*
///
/// Rendered as Python's Jinja does with the settings of Hugging Face's transformers, which templates are
/// written for, in a sandbox: nothing but maps, lists, strings, numbers and booleans reach a template, and
/// steps, time, output and depth are limited. A template that cannot be compiled refuses every conversation, so
/// that the model still completes plain text.
///
/// ```java
/// ChatTemplate template = ChatTemplate.compile(source, tokens, Clock.systemDefaultZone(), NanoClock.SYSTEM);
/// RenderedPrompt prompt = template.render(messages, Map.of("enable_thinking", false));
/// ```
public final class ChatTemplate {
    private static final Logger LOG = LoggerFactory.getLogger(ChatTemplate.class);
    private static final int MAX_MESSAGE = 300;
    private static final String CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
            + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
    private static final String PLAIN = "{% for m in messages %}{{ m.role }}: {{ m.content }}{{ '\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}assistant:{% endif %}";

    private final @Nullable List<Node> nodes;
    private final TemplateTokens tokens;
    private final ControlTokenGuard guard;
    private final Clock clock;
    private final NanoClock nanoClock;

    private ChatTemplate(String source, TemplateTokens tokens, Clock clock, NanoClock nanoClock) {
        this.nodes = compiled(source);
        this.tokens = tokens;
        this.guard = new ControlTokenGuard(tokens.control(), source);
        this.clock = clock;
        this.nanoClock = nanoClock;
    }

    /// Compiles the Jinja source a model brought along.
    ///
    /// @param clock what `strftime_now` shows, in its zone
    /// @param nanoClock measures the time limit of a rendering
    public static ChatTemplate compile(String source, TemplateTokens tokens, Clock clock, NanoClock nanoClock) {
        return new ChatTemplate(source, tokens, clock, nanoClock);
    }

    /// The template for a model that brought none: ChatML if its vocabulary has `<|im_start|>`, else `role:
    /// content`.
    public static ChatTemplate builtIn(TemplateTokens tokens, Clock clock, NanoClock nanoClock) {
        boolean chatMl = tokens.control().contains("<|im_start|>");
        LOG.info("chat_template=built-in kind={} reason=\"the model brings none\"", chatMl ? "chatml" : "plain");
        return compile(chatMl ? CHATML : PLAIN, tokens, clock, nanoClock);
    }

    /// The prompt for a conversation, ready for the model's answer unless `arguments` say otherwise
    /// (`add_generation_prompt`). The begin-of-sequence token is in it only if the template wrote it.
    ///
    /// @param arguments extra variables: strings, numbers, booleans, lists and maps of these
    /// @throws InvalidPromptException if the template refuses the messages or breaks a limit
    public RenderedPrompt render(List<ChatMessage> messages, Map<String, Object> arguments)
            throws InvalidPromptException {
        List<Node> compiled = nodes;
        if (compiled == null) {
            throw failure("The model's chat template cannot be read; plain completions still work.");
        }
        List<String> strings = new ArrayList<>();
        messages.forEach(message -> strings.add(message.content()));
        ControlTokenGuard.replaceStrings(arguments, text -> {
            strings.add(text);
            return text;
        });
        try {
            return guard.render(strings, replaced -> Rendering.of(compiled, variables(messages, arguments, replaced)));
        } catch (RuntimeException e) {
            throw failure(e);
        } catch (StackOverflowError e) {
            throw failure("The model's chat template failed: it is nested too deep.");
        }
    }

    private static @Nullable List<Node> compiled(String source) {
        try {
            return Compiler.compile(source);
        } catch (TemplateFault e) {
            LOG.warn("chat_template=unusable reason=\"{}\"", sanitised(e.getMessage()));
            return null;
        }
    }

    private Scope variables(
            List<ChatMessage> messages, Map<String, Object> arguments, UnaryOperator<String> replacement) {
        Scope outermost = Scope.outermost(new Budget(nanoClock));
        Functions.define(outermost, clock);
        // As transformers does: there, but none.
        outermost.set("tools", None.NONE);
        outermost.set("documents", None.NONE);
        outermost.set("add_generation_prompt", true);
        Scope scope = outermost.inner();
        arguments.forEach((name, value) ->
                scope.set(name, Values.fromJava(ControlTokenGuard.replaceStrings(value, replacement))));
        scope.set("bos_token", tokens.bos());
        scope.set("eos_token", tokens.eos());
        List<Object> conversation = new ArrayList<>(messages.size());
        for (ChatMessage message : messages) {
            Map<Object, Object> fields = new LinkedHashMap<>();
            fields.put("role", message.role().templateName());
            fields.put("content", replacement.apply(message.content()));
            conversation.add(fields);
        }
        scope.set("messages", conversation);
        return scope;
    }

    private static InvalidPromptException failure(RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof TemplateFault fault) {
                String message = sanitised(fault.getMessage());
                return failure(
                        fault.isRefusal()
                                ? "The model's chat template refuses the messages: " + message
                                : "The model's chat template failed: " + message);
            }
        }
        LOG.warn("chat_template=failed cause={}", e.getClass().getSimpleName());
        return failure("The model's chat template failed.");
    }

    private static InvalidPromptException failure(String message) {
        return new InvalidPromptException(ErrorCode.INVALID_MESSAGES, message);
    }

    /// One line of bounded length: what a template says goes into answers and logs.
    private static String sanitised(@Nullable String message) {
        String line = message == null
                ? ""
                : message.replaceAll("[\\p{Cntrl}\\p{Cf}\\s\"]+", " ").strip();
        return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "...";
    }
}
