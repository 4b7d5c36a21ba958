package dev.millrace.server.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Stopping;
import dev.millrace.protocol.openai.ChatRequest;
import dev.millrace.protocol.openai.CompletionRequest;
import dev.millrace.protocol.openai.Parsed;
import dev.millrace.protocol.openai.RequestFields;
import dev.millrace.protocol.openai.RequestReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenAiTranslatorTest {
    private static final RequestId ID = new RequestId("a");

    @Test
    void defaultsAreResolvedOnce() {
        GenerationRequest request = chat("");

        assertThat(request.prompt())
                .isEqualTo(new Prompt.Chat(
                        List.of(
                                new ChatMessage(ChatMessage.Role.SYSTEM, "s"),
                                new ChatMessage(ChatMessage.Role.USER, "u")),
                        Map.of()));
        assertThat(request.maxTokens()).isEqualTo(GenerationRequest.REST_OF_CONTEXT);
        assertThat(request.repeatable()).isFalse();
        assertThat(request.stopping()).isSameAs(Stopping.AT_END);
        assertThat(request.sampling())
                .isEqualTo(new Sampling(
                        0.8f, 40, 0.95f, 0.05f, Sampling.Penalties.NONE, Map.of(), 99, Sampling.NO_LOGPROBS));
    }

    @Test
    void givenValuesArePassedOn() {
        GenerationRequest request =
                chat(",\"max_tokens\":3,\"temperature\":0,\"top_k\":-1,\"top_p\":0,\"min_p\":0,\"seed\":5,"
                        + "\"stop\":\"x\",\"ignore_eos\":true,\"min_tokens\":2,\"repeat_penalty\":1.5,\"repeat_last_n\":-1,"
                        + "\"logit_bias\":{\"3\":1},\"logprobs\":true");

        assertThat(request.maxTokens()).isEqualTo(3);
        assertThat(request.repeatable()).isTrue();
        assertThat(request.stopping()).isEqualTo(new Stopping(List.of("x"), true, 2));
        assertThat(request.sampling())
                .isEqualTo(new Sampling(0, 0, 1e-6f, 0, new Sampling.Penalties(1.5f, 0, 0, 4096), Map.of(3, 1f), 5, 0));
    }

    @Test
    void completionsAreShortUnlessAsked() {
        var parsed = RequestReader.completion("{\"model\":\"m\",\"prompt\":[1,2]}".getBytes(StandardCharsets.UTF_8));

        assertThat(parsed).isInstanceOfSatisfying(Parsed.Ok.class, ok -> {
            var request = OpenAiTranslator.completion(ID, (CompletionRequest) ok.request(), 1);
            assertThat(request.maxTokens()).isEqualTo(16);
            assertThat(request.prompt()).isEqualTo(new Prompt.Tokens(List.of(1, 2)));
        });
    }

    @Test
    void limitsOfTheDialectAreTheEnginesOwn() {
        assertThat(RequestFields.MAX_STOPS).isEqualTo(Stopping.MAX_STOPS);
        assertThat(RequestFields.MAX_STOP_BYTES).isEqualTo(Stopping.MAX_STOP_BYTES);
        assertThat(RequestFields.MAX_REPEAT_LAST_N).isEqualTo(Sampling.Penalties.MAX_LAST_TOKENS);
    }

    private static GenerationRequest chat(String more) {
        String body =
                "{\"model\":\"m\",\"messages\":[{\"role\":\"developer\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"u\"}]"
                        + more + "}";
        return switch (RequestReader.chat(body.getBytes(StandardCharsets.UTF_8))) {
            case Parsed.Ok<ChatRequest>(ChatRequest request) -> OpenAiTranslator.chat(ID, request, 99);
            case Parsed.Refused<ChatRequest> refused -> throw new AssertionError(refused.toString());
        };
    }
}
