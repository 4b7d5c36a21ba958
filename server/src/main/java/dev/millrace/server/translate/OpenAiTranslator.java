package dev.millrace.server.translate;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.protocol.openai.ChatRequest;
import dev.millrace.protocol.openai.CompletionRequest;
import dev.millrace.protocol.openai.CompletionRequest.PromptField;
import dev.millrace.protocol.openai.RequestFields;
import dev.millrace.protocol.openai.RequestFields.SamplingFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes engine requests of OpenAI requests and resolves their defaults. Stateless, thread-safe.
///
/// Defaults are those people know from llama.cpp (temperature 0.8, top-k 40, top-p 0.95, min-p 0.05), not OpenAI's
/// (temperature 1, no cut): small models answer better with them. `max_tokens` is the rest of the context for chats
/// and 16 for plain completions, as OpenAI documents.
public final class OpenAiTranslator {
    private static final double TEMPERATURE = 0.8;
    private static final int TOP_K = 40;
    private static final double TOP_P = 0.95;
    private static final double MIN_P = 0.05;
    private static final int COMPLETION_MAX_TOKENS = 16;
    private static final int REPEAT_LAST_N = 64;

    /// OpenAI allows 0 where the engine wants a probability: both mean "the most likely token".
    private static final double SMALLEST_TOP_P = 1e-6;

    private OpenAiTranslator() {}

    /// The engine request of a chat.
    ///
    /// @param freshSeed used if the client gave none
    public static GenerationRequest chat(RequestId id, ChatRequest request, long freshSeed) {
        List<ChatMessage> messages = new ArrayList<>(request.messages().size());
        for (ChatRequest.Message message : request.messages()) {
            messages.add(new ChatMessage(role(message.role()), message.content()));
        }
        var prompt = new Prompt.Chat(messages, request.templateArguments());
        return request(id, prompt, request.fields(), GenerationRequest.REST_OF_CONTEXT, freshSeed);
    }

    /// The engine request of a plain completion.
    ///
    /// @param freshSeed used if the client gave none
    public static GenerationRequest completion(RequestId id, CompletionRequest request, long freshSeed) {
        Prompt prompt = switch (request.prompt()) {
            case PromptField.Text(String text) -> new Prompt.Text(text);
            case PromptField.Tokens(List<Integer> tokens) -> new Prompt.Tokens(tokens);
        };
        return request(id, prompt, request.fields(), COMPLETION_MAX_TOKENS, freshSeed);
    }

    private static GenerationRequest request(
            RequestId id, Prompt prompt, RequestFields fields, int defaultMaxTokens, long freshSeed) {
        int maxTokens = orElse(fields.maxTokens(), defaultMaxTokens);
        boolean plainEnd = fields.stops().isEmpty() && !fields.ignoreEos() && fields.minTokens() == 0;
        Stopping stopping =
                plainEnd ? Stopping.AT_END : new Stopping(fields.stops(), fields.ignoreEos(), fields.minTokens());
        Sampling sampling = sampling(fields.sampling(), fields.logprobs(), freshSeed);
        boolean repeatable = fields.sampling().seed() != null;
        return new GenerationRequest(id, prompt, maxTokens, stopping, sampling, Share.DEFAULT, repeatable);
    }

    private static Sampling sampling(SamplingFields fields, int logprobs, long freshSeed) {
        return new Sampling(
                (float) orElse(fields.temperature(), TEMPERATURE),
                Math.max(0, orElse(fields.topK(), TOP_K)),
                (float) Math.max(SMALLEST_TOP_P, orElse(fields.topP(), TOP_P)),
                (float) orElse(fields.minP(), MIN_P),
                penalties(fields),
                fields.logitBias(),
                fields.seed() == null ? freshSeed : fields.seed(),
                logprobs == RequestFields.NO_LOGPROBS ? Sampling.NO_LOGPROBS : logprobs);
    }

    private static Sampling.Penalties penalties(SamplingFields fields) {
        int lastN = orElse(fields.repeatLastN(), REPEAT_LAST_N);
        var penalties = new Sampling.Penalties(
                (float) orElse(fields.repeatPenalty(), 1),
                (float) orElse(fields.presencePenalty(), 0),
                (float) orElse(fields.frequencyPenalty(), 0),
                lastN < 0 ? Sampling.Penalties.MAX_LAST_TOKENS : lastN);
        return penalties.isOff() ? Sampling.Penalties.NONE : penalties;
    }

    private static ChatMessage.Role role(ChatRequest.Role role) {
        return switch (role) {
            case SYSTEM, DEVELOPER -> ChatMessage.Role.SYSTEM;
            case USER -> ChatMessage.Role.USER;
            case ASSISTANT -> ChatMessage.Role.ASSISTANT;
            case TOOL -> ChatMessage.Role.TOOL;
        };
    }

    private static int orElse(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }

    private static double orElse(@Nullable Double value, double otherwise) {
        return value == null ? otherwise : value;
    }
}
