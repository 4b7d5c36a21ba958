package dev.millrace.server;

import static dev.millrace.server.CachedAnswers.CHAT;
import static dev.millrace.server.CachedAnswers.COMPLETION;
import static dev.millrace.server.CachedAnswers.ZERO;
import static dev.millrace.server.CachedAnswers.cache;
import static dev.millrace.server.CachedAnswers.id;
import static dev.millrace.server.CachedAnswers.withoutId;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.upstream.Scene;
import dev.millrace.testing.upstream.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Stored answers of upstreams.
class CacheRelayIT {
    private final ScriptedUpstream upstream = ScriptedUpstream.start().models("small");
    private final TestServer gateway = TestServer.caching(
            CachedAnswers.config(Duration.ofMinutes(5), Duration.ZERO),
            TestUpstreams.of(TestUpstreams.POOL, List.of(TestUpstreams.onPort("a", upstream.port(), "small"))));

    @AfterEach
    void close() {
        gateway.server().cache().checkInvariants();
        gateway.close();
        upstream.close();
    }

    private HttpResponse<String> ask(String... wishes) throws Exception {
        return gateway.post(CHAT, TestServer.chat("small", wishes));
    }

    @Test
    void aHitSaysWhatTheMissSaid() throws Exception {
        upstream.always(Scene.answer("one two three"));

        HttpResponse<String> miss = ask(ZERO);
        HttpResponse<String> hit = ask(ZERO);

        assertThat(cache(miss)).isEqualTo("miss");
        assertThat(cache(hit)).isEqualTo("hit");
        assertThat(withoutId(hit.body())).isEqualTo(withoutId(miss.body()));
        assertThat(id(hit)).isNotEqualTo(id(miss)).startsWith("chatcmpl-");
        assertThat(upstream.count()).isEqualTo(1);
    }

    @Test
    void aStreamIsGivenAgain() throws Exception {
        upstream.always(Scene.answer("one two three"));

        HttpResponse<String> miss = ask(ZERO, "\"stream\":true");
        HttpResponse<String> hit = ask(ZERO, "\"stream\":true");

        assertThat(cache(hit)).isEqualTo("hit");
        assertThat(withoutId(hit.body())).isEqualTo(withoutId(miss.body())).endsWith("data: [DONE]\n\n");
        assertThat(upstream.count()).isEqualTo(1);
    }

    @Test
    void completionsAreStoredAndDrawnOnesAreNot() throws Exception {
        String body = "{\"model\":\"small\",\"prompt\":\"x\",\"temperature\":0}";
        gateway.post(COMPLETION, body);

        assertThat(cache(gateway.post(COMPLETION, body))).isEqualTo("hit");
        assertThat(cache(ask("\"temperature\":1"))).isEqualTo("bypass");
        assertThat(cache(ask())).isEqualTo("bypass");
    }

    @Test
    void cutStreamsAndErrorsAreNeverStored() throws Exception {
        String stream = "\"stream\":true";
        upstream.always(Scene.answer("one two three").cutAfterEvents(2));
        ask(ZERO, stream);
        upstream.always(Scene.answer("one two three").errorEvent(2));
        ask(ZERO, stream);
        upstream.always(Scene.answer("one two three").finishReason("content_filter"));
        ask(ZERO, stream);
        ask(ZERO);
        upstream.always(Scene.error(400, "BadRequestError", "bad", "no"));
        ask(ZERO);

        assertThat(gateway.server().cache().entries()).isZero();
        assertThat(gateway.server().cache().counts().stores()).isZero();
    }

    @Test
    void manyEqualMissesAreOneRequest() throws Exception {
        upstream.always(Scene.answer("once").after(Duration.ofMillis(500)));
        List<Future<HttpResponse<String>>> answers = new ArrayList<>();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                answers.add(clients.submit(() -> ask(ZERO, "\"stream\":true")));
            }
            for (var answer : answers) {
                assertThat(answer.get().body()).contains("once").endsWith("data: [DONE]\n\n");
            }
        }
        assertThat(upstream.count()).isEqualTo(1);
    }
}
