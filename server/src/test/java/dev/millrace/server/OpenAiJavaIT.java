package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIException;
import com.openai.errors.RateLimitException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import dev.millrace.core.ByteSize;
import dev.millrace.core.error.ErrorCode;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.TokenLogprob;
import dev.millrace.server.config.LimitsConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// OpenAI's own Java client, as its users use it.
class OpenAiJavaIT {
    @Test
    void plainChat() {
        var engine = new FakeEngine("fake")
                .playing(call -> call.queued().token("Hello ").token("wörld 😀").finished(FinishReason.STOP));
        try (var server = TestServer.with(engine)) {
            ChatCompletion chat = client(server, 0).chat().completions().create(ask().build());

            assertThat(chat.validate().choices().getFirst().message().content()).contains("Hello wörld 😀");
            assertThat(chat.choices().getFirst().finishReason().asString()).isEqualTo("stop");
            assertThat(chat.usage().orElseThrow().totalTokens()).isEqualTo(9);
            assertThat(chat.usage()
                            .orElseThrow()
                            .promptTokensDetails()
                            .orElseThrow()
                            .cachedTokens())
                    .contains(2L);
        }
    }

    @Test
    void streamedChatWithUsage() {
        var engine = new FakeEngine("fake")
                .playing(call -> call.queued().token("a").token("b").token("c").finished(FinishReason.LENGTH));
        var accumulator = ChatCompletionAccumulator.create();
        try (var server = TestServer.with(engine);
                StreamResponse<ChatCompletionChunk> stream = client(server, 0)
                        .chat()
                        .completions()
                        .createStreaming(ask().streamOptions(ChatCompletionStreamOptions.builder()
                                        .includeUsage(true)
                                        .build())
                                .build())) {
            stream.stream().forEach(chunk -> accumulator.accumulate(chunk.validate()));
        }

        ChatCompletion chat = accumulator.chatCompletion();
        assertThat(chat.choices().getFirst().message().content()).contains("abc");
        assertThat(chat.choices().getFirst().finishReason().asString()).isEqualTo("length");
        assertThat(chat.usage().orElseThrow().completionTokens()).isEqualTo(3);
    }

    @Test
    void logprobs() {
        var chosen =
                new TokenLogprob.TokenChance(7, TokenLogprob.Bytes.of("é".getBytes(StandardCharsets.UTF_8)), -0.25f);
        var engine = new FakeEngine("fake")
                .playing(call -> call.queued()
                        .event(new GenerationEvent.Token(7, "é", new TokenLogprob(chosen, List.of(chosen))))
                        .finished(FinishReason.STOP));
        try (var server = TestServer.with(engine)) {
            ChatCompletion chat = client(server, 0)
                    .chat()
                    .completions()
                    .create(ask().logprobs(true).topLogprobs(1).build());

            var token = chat.validate()
                    .choices()
                    .getFirst()
                    .logprobs()
                    .orElseThrow()
                    .content()
                    .orElseThrow()
                    .getFirst();
            assertThat(token.token()).isEqualTo("é");
            assertThat(token.bytes()).contains(List.of(195L, 169L));
            assertThat(token.topLogprobs().getFirst().logprob()).isEqualTo(-0.25);
        }
    }

    @Test
    void cancelledStreamStopsTheEngine() throws Exception {
        var engine = new FakeEngine("fake").playing(call -> call.queued().token("a"));
        try (var server = TestServer.with(engine)) {
            try (StreamResponse<ChatCompletionChunk> stream =
                    client(server, 0).chat().completions().createStreaming(ask().build())) {
                assertThat(stream.stream().findFirst()).isPresent();
            }

            server.await(engine.next()::isCancelled);
        }
    }

    @Test
    void errorInTheMiddleOfAStreamIsThrown() {
        var engine = new FakeEngine("fake")
                .playing(call -> call.queued().token("a").failed(ErrorCode.ENGINE_LOST, "The engine stopped."));
        try (var server = TestServer.with(engine);
                var stream = client(server, 0).chat().completions().createStreaming(ask().build())) {
            assertThatThrownBy(() -> stream.stream().forEach(chunk -> {})).isInstanceOf(OpenAIException.class);
        }
    }

    @Test
    void errorsAreTheClientsOwnTypes() {
        try (var server = TestServer.with(new FakeEngine("fake"))) {
            var chats = client(server, 0).chat().completions();

            assertThatThrownBy(() -> chats.create(ask().temperature(9).build()))
                    .isInstanceOfSatisfying(BadRequestException.class, e -> {
                        assertThat(e.param()).contains("temperature");
                        assertThat(e.code()).contains("invalid_request");
                    });
            assertThatThrownBy(() -> chats.create(ask().model("nobody").build()))
                    .isInstanceOfSatisfying(
                            NotFoundException.class, e -> assertThat(e.code()).contains("model_not_found"));
        }
    }

    @Test
    void fullQueueIsRetriedByTheClientAndThenAnswered() throws Exception {
        var engine = new FakeEngine("fake");
        var limits = new LimitsConfig(1, 0, Duration.ofSeconds(30), ByteSize.mebibytes(8));
        try (var server = TestServer.with(limits, TestServer.TIMEOUTS, engine);
                var holder = new RawClient(server.port())) {
            String body = TestServer.chat("fake");
            holder.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            FakeEngine.Call held = engine.next();
            assertThatThrownBy(() -> client(server, 0).chat().completions().create(ask().build()))
                    .isInstanceOf(RateLimitException.class);

            var patient = java.util.concurrent.CompletableFuture.supplyAsync(
                    () -> client(server, 5).chat().completions().create(ask().build()));
            held.finished(FinishReason.STOP);
            engine.next().token("late").finished(FinishReason.STOP);

            assertThat(patient.get().choices().getFirst().message().content()).contains("late");
        }
    }

    @Test
    void plainCompletion() {
        var engine = new FakeEngine("fake")
                .playing(call -> call.queued().token("upon").finished(FinishReason.STOP));
        try (var server = TestServer.with(engine)) {
            var request = CompletionCreateParams.builder().model("fake").prompt("once");
            Completion completion = client(server, 0).completions().create(request.build());

            assertThat(completion.validate().choices().getFirst().text()).isEqualTo("upon");
            try (var stream = client(server, 0).completions().createStreaming(request.build())) {
                // Not validated: the published schema has no null finish_reason, the service streams it all the
                // same.
                assertThat(stream.stream()
                                .map(chunk -> chunk.choices().getFirst().text())
                                .toList())
                        .containsExactly("upon", "");
            }
        }
    }

    @Test
    void embeddingsAsTheClientAsksOfItsOwnAccord() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(engine)) {
            var request = EmbeddingCreateParams.builder()
                    .model("fake")
                    .inputOfArrayOfStrings(List.of("a", "b"))
                    .build();
            var answer = java.util.concurrent.CompletableFuture.supplyAsync(
                    () -> client(server, 0).embeddings().create(request));
            engine.nextEmbedding().vector(0.6f, -0.8f).vector(1, 0).finished();

            CreateEmbeddingResponse embeddings = answer.get().validate();
            assertThat(embeddings.data()).hasSize(2);
            assertThat(embeddings.data().get(0).embedding()).containsExactly(0.6f, -0.8f);
            assertThat(embeddings.data().get(1).index()).isEqualTo(1);
            assertThat(embeddings.usage().totalTokens()).isEqualTo(7);
        }
    }

    @Test
    void embeddingsAsNumbersAndOfTokens() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(engine)) {
            var request = EmbeddingCreateParams.builder()
                    .model("fake")
                    .inputOfArrayOfTokenArrays(List.of(List.of(1L, 2L)))
                    .encodingFormat(EmbeddingCreateParams.EncodingFormat.FLOAT)
                    .build();
            var answer = java.util.concurrent.CompletableFuture.supplyAsync(
                    () -> client(server, 0).embeddings().create(request));
            FakeEngine.Vectors vectors = engine.nextEmbedding();
            vectors.vector(0.1f, -1e-7f).finished();

            assertThat(vectors.request().inputs()).containsExactly(new Prompt.Tokens(List.of(1, 2)));
            assertThat(answer.get().validate().data().getFirst().embedding()).containsExactly(0.1f, -1e-7f);
        }
    }

    @Test
    void models() {
        try (var server = TestServer.with(new FakeEngine("fake"), new FakeEngine("simulated/x"))) {
            var models = client(server, 0).models();

            assertThat(models.list().data()).extracting(Model::id).containsExactly("fake", "simulated/x");
            assertThat(models.retrieve("simulated/x").validate().id()).isEqualTo("simulated/x");
        }
    }

    private static ChatCompletionCreateParams.Builder ask() {
        return ChatCompletionCreateParams.builder().model("fake").addUserMessage("hi");
    }

    private static OpenAIClient client(TestServer server, int retries) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server.uri("/v1").toString())
                .apiKey("unused")
                .maxRetries(retries)
                .timeout(Duration.ofSeconds(20))
                .build();
    }
}
