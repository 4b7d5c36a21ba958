package dev.millrace.server;

import static dev.millrace.server.CachedAnswers.CHAT;
import static dev.millrace.server.CachedAnswers.COMPLETION;
import static dev.millrace.server.CachedAnswers.ZERO;
import static dev.millrace.server.CachedAnswers.cache;
import static dev.millrace.server.CachedAnswers.id;
import static dev.millrace.server.CachedAnswers.invalidate;
import static dev.millrace.server.CachedAnswers.withoutId;
import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.FinishReason;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Stored answers of a model that runs here, as clients see them.
class ResponseCacheIT {
    private final AtomicInteger runs = new AtomicInteger();
    private final FakeEngine engine = new FakeEngine("fake")
            .playing(call -> call.queued()
                    .token("run ")
                    .token(Integer.toString(runs.incrementAndGet()))
                    .finished(FinishReason.STOP));
    private TestServer server = open(Duration.ofMinutes(5), Duration.ZERO);

    private TestServer open(Duration ttl, Duration stale) {
        return TestServer.caching(CachedAnswers.config(ttl, stale), TestUpstreams.NONE, engine);
    }

    private void reopen(Duration ttl, Duration stale) {
        server.close();
        server = open(ttl, stale);
    }

    @AfterEach
    void close() {
        server.server().cache().checkInvariants();
        server.close();
    }

    private HttpResponse<String> ask(String... headers) throws Exception {
        return server.post(CHAT, TestServer.chat("fake", ZERO), headers);
    }

    @Test
    void aHitSaysWhatTheMissSaidUnderAnIdOfItsOwn() throws Exception {
        HttpResponse<String> miss = ask();
        HttpResponse<String> hit = ask();

        assertThat(cache(miss)).isEqualTo("miss");
        assertThat(cache(hit)).isEqualTo("hit");
        assertThat(hit.headers().firstValue("age")).contains("0");
        assertThat(withoutId(hit.body())).isEqualTo(withoutId(miss.body()));
        assertThat(hit.body()).contains("run 1", "\"finish_reason\":\"stop\"", "\"prompt_tokens\":7");
        assertThat(id(hit)).isNotEqualTo(id(miss));
        assertThat(id(hit))
                .isEqualTo(
                        "chatcmpl-" + hit.headers().firstValue("x-request-id").orElseThrow());
        assertThat(hit.headers().firstValue("content-type"))
                .isEqualTo(miss.headers().firstValue("content-type"));
        assertThat(runs).hasValue(1);
    }

    @Test
    void theSameRequestInOtherWordsIsTheSame() throws Exception {
        server.post(
                CHAT, "{\"model\":\"fake\",\"temperature\":0.0,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");

        HttpResponse<String> other = server.post(
                CHAT,
                "{ \"messages\" : [ {\"content\":\"\\u0078\",\"role\":\"user\"} ], \"temperature\":0, \"model\":\"fake\"}");

        assertThat(cache(other)).isEqualTo("hit");
    }

    @Test
    void aStreamIsGivenAgainAsAStream() throws Exception {
        String[] wishes = {ZERO, "\"stream\":true", "\"stream_options\":{\"include_usage\":true}"};
        HttpResponse<String> miss = server.post(CHAT, TestServer.chat("fake", wishes));
        HttpResponse<String> hit = server.post(CHAT, TestServer.chat("fake", wishes));

        assertThat(cache(miss)).isEqualTo("miss");
        assertThat(cache(hit)).isEqualTo("hit");
        assertThat(hit.headers().firstValue("content-type").orElse("")).startsWith("text/event-stream");
        assertThat(withoutId(hit.body())).isEqualTo(withoutId(miss.body())).endsWith("data: [DONE]\n\n");
        String fresh =
                "\"id\":\"chatcmpl-" + hit.headers().firstValue("x-request-id").orElseThrow() + "\"";
        assertThat(hit.body().split("\n\n"))
                .filteredOn(event -> !event.contains("[DONE]"))
                .allMatch(event -> event.contains(fresh));
    }

    @Test
    void openAisClientReadsAStoredStream() {
        var client = OpenAIOkHttpClient.builder()
                .baseUrl(server.uri("/v1").toString())
                .apiKey("none")
                .maxRetries(0)
                .build();
        var ask = ChatCompletionCreateParams.builder()
                .model("fake")
                .addUserMessage("hi")
                .temperature(0.0)
                .build();

        for (int i = 0; i < 2; i++) {
            var accumulator = ChatCompletionAccumulator.create();
            try (var stream = client.chat().completions().createStreaming(ask)) {
                stream.stream().forEach(chunk -> accumulator.accumulate(chunk.validate()));
            }
            var choice = accumulator.chatCompletion().choices().getFirst();
            assertThat(choice.message().content()).contains("run 1");
            assertThat(choice.finishReason().asString()).isEqualTo("stop");
        }
        assertThat(runs).hasValue(1);
        client.close();
    }

    @Test
    void plainCompletionsAreStoredToo() throws Exception {
        String body = "{\"model\":\"fake\",\"prompt\":\"x\",\"seed\":7}";
        server.post(COMPLETION, body);

        HttpResponse<String> hit = server.post(COMPLETION, body);

        assertThat(cache(hit)).isEqualTo("hit");
        assertThat(id(hit)).startsWith("cmpl-");
    }

    @Test
    void drawnAnswersGoPastTheCache() throws Exception {
        for (String wish : List.of("\"temperature\":0.7", "\"max_tokens\":5", "\"temperature\":null")) {
            assertThat(cache(server.post(CHAT, TestServer.chat("fake", wish)))).isEqualTo("bypass");
            assertThat(cache(server.post(CHAT, TestServer.chat("fake", wish)))).isEqualTo("bypass");
        }
        assertThat(runs).hasValue(6);
    }

    @Test
    void whoAsksForAStoredAnswerByNameGetsOne() throws Exception {
        server.post(CHAT, TestServer.chat("fake"), "x-millrace-cache", "on");

        assertThat(cache(server.post(CHAT, TestServer.chat("fake"), "x-millrace-cache", "on")))
                .isEqualTo("hit");
        assertThat(cache(server.post(CHAT, TestServer.chat("fake")))).isEqualTo("bypass");
    }

    @Test
    void anyOtherFieldIsAnotherRequest() throws Exception {
        ask();
        for (String field : List.of(
                "\"max_tokens\":5",
                "\"top_p\":0.5",
                "\"user\":\"me\"",
                "\"stop\":[\"x\"]",
                "\"metadata\":{\"a\":\"b\"}",
                "\"seed\":1")) {
            assertThat(cache(server.post(CHAT, TestServer.chat("fake", ZERO, field))))
                    .as(field)
                    .isEqualTo("miss");
        }
        assertThat(runs).hasValue(7);
    }

    @Test
    void twoTenantsNeverShare() throws Exception {
        ask("authorization", "Bearer a");

        assertThat(cache(ask("authorization", "Bearer b"))).isEqualTo("miss");
        assertThat(cache(ask())).isEqualTo("miss");
        assertThat(cache(ask("authorization", "Bearer a"))).isEqualTo("hit");
        assertThat(runs).hasValue(3);
    }

    @Test
    void requestsSteerTheCache() throws Exception {
        assertThat(ask("cache-control", "only-if-cached").statusCode()).isEqualTo(504);
        assertThat(ask("cache-control", "only-if-cached").body()).contains("\"code\":\"not_cached\"");
        assertThat(cache(ask())).isEqualTo("miss");
        assertThat(cache(ask("cache-control", "only-if-cached"))).isEqualTo("hit");
        assertThat(cache(ask("cache-control", "no-store"))).isEqualTo("bypass");
        assertThat(cache(ask("x-millrace-cache", "off"))).isEqualTo("bypass");
        assertThat(ask().body()).contains("run 1");
        assertThat(cache(ask("cache-control", "no-cache"))).isEqualTo("refresh");
        assertThat(ask().body()).contains("run 4");
        assertThat(cache(ask("x-millrace-cache", "refresh"))).isEqualTo("refresh");
        assertThat(ask().body()).contains("run 5");
    }

    @Test
    void errorsAndHalfAnswersAreNeverStored() throws Exception {
        engine.playing(call -> call.queued().token("half").failed(ErrorCode.ENGINE_LOST, "gone"));
        assertThat(ask().statusCode()).isEqualTo(502);
        assertThat(server.post(CHAT, TestServer.chat("fake", ZERO, "\"stream\":true"))
                        .body())
                .contains("half", "engine_lost");
        engine.playing(call -> call.queued().token("whole").finished(FinishReason.STOP));

        assertThat(ask().body()).contains("whole");
        assertThat(server.post(CHAT, TestServer.chat("fake", ZERO, "\"stream\":true"))
                        .body())
                .contains("whole")
                .doesNotContain("half");
        assertThat(server.server().cache().counts().stores()).isEqualTo(2);
        assertThat(server.server().cache().counts().rejected()).isEqualTo(2);
    }

    @Test
    void whatIsTooLargeIsAnsweredAndNotStored() throws Exception {
        engine.playing(call -> call.queued().token("x".repeat(70_000)).finished(FinishReason.STOP));

        assertThat(ask().body()).hasSizeGreaterThan(70_000);
        assertThat(cache(ask())).isEqualTo("miss");
        assertThat(server.server().cache().entries()).isZero();
    }

    @Test
    void eachKindOfInvalidationIsObeyed() throws Exception {
        for (String command : List.of(
                "{\"model\":\"fake\"}", "{\"tag\":\"prices\"}", "{\"tenant\":\"anonymous\"}", "{\"all\":true}")) {
            ask("x-millrace-cache-tags", "news, prices");
            assertThat(cache(ask())).as(command).isEqualTo("hit");

            assertThat(invalidate(server, command).statusCode()).isEqualTo(200);

            assertThat(cache(ask("x-millrace-cache-tags", "news, prices")))
                    .as(command)
                    .isEqualTo("miss");
        }
        assertThat(invalidate(server, "{\"tag\":\"other\"}").statusCode()).isEqualTo(200);
        assertThat(cache(ask())).isEqualTo("hit");
        assertThat(invalidate(server, "{\"key\":\"" + "0".repeat(64) + "\"}").statusCode())
                .isEqualTo(200);
        assertThat(cache(ask())).isEqualTo("hit");
    }

    @Test
    void badInvalidationsAreRefused() throws Exception {
        for (String command : List.of(
                "{}",
                "{\"all\":false}",
                "{\"key\":\"x\"}",
                "{\"tag\":\"\"}",
                "{\"tags\":\"x\"}",
                "{\"all\":true,\"tag\":\"x\"}")) {
            assertThat(invalidate(server, command).statusCode()).as(command).isEqualTo(400);
        }
    }

    @Test
    void whatBecomesInvalidWhileItIsComputedIsNotStored() throws Exception {
        engine.playing(call -> {});
        var asked = Thread.ofVirtual().start(() -> {
            try {
                ask();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        FakeEngine.Call call = engine.next();
        invalidate(server, "{\"model\":\"fake\"}");
        call.queued().token("old").finished(FinishReason.STOP);
        asked.join();
        engine.playing(next -> next.queued().token("new").finished(FinishReason.STOP));

        assertThat(ask().body()).contains("new");
        assertThat(server.server().cache().counts().outdatedOnes()).isEqualTo(1);
    }

    @Test
    void anAnswerEndsWithItsLife() throws Exception {
        reopen(Duration.ofMillis(200), Duration.ZERO);
        ask();
        assertThat(cache(ask())).isEqualTo("hit");

        pass(Duration.ofMillis(240)); // asked meanwhile, it would be computed anew before its end

        assertThat(cacheOfAsk()).isEqualTo("miss");
        assertThat(runs.get()).isEqualTo(2);
    }

    private void pass(Duration time) {
        long startNanos = NanoClock.SYSTEM.nanoTime();
        server.await(() -> NanoClock.SYSTEM.nanoTime() - startNanos > time.toNanos());
    }

    @Test
    void aStaleAnswerIsGivenOnceMoreWhileItIsComputedAnew() throws Exception {
        reopen(Duration.ofMillis(100), Duration.ofMinutes(1));
        ask();

        pass(Duration.ofMillis(130));

        assertThat(cacheOfAsk()).isEqualTo("stale");
        server.await(() -> runs.get() >= 2 && "hit".equals(cacheOfAsk()));

        assertThat(server.server().cache().counts().refreshes()).isPositive();
        assertThat(server.server().cache().counts().misses()).isEqualTo(1);
    }

    @Test
    void aStaleAnswerGoesBeforeAnErrorWhereAsked() throws Exception {
        reopen(Duration.ofMillis(50), Duration.ofMinutes(1));
        ask();
        engine.playing(call -> call.failed(ErrorCode.ENGINE_LOST, "gone"));

        server.await(() -> "stale".equals(cacheOfAsk("cache-control", "max-age=1000, stale-if-error=60")));
    }

    private String cacheOfAsk(String... headers) {
        try {
            return cache(ask(headers));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatTheCacheDidIsShown() throws Exception {
        ask();
        ask();
        server.post(CHAT, TestServer.chat("fake"));

        assertThat(server.get("/admin/cache").body())
                .contains("\"enabled\":true", "\"entries\":1", "\"hits\":1", "\"misses\":1", "\"bypasses\":1");
        assertThat(server.get("/metrics").body())
                .contains(
                        "millrace_cache_hits_total 1",
                        "millrace_cache_misses_total 1",
                        "millrace_cache_entries 1",
                        "millrace_cache_integrity_mismatches_total 0");
    }
}
