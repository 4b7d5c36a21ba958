package dev.millrace.testing.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.http.RawHttp;
import dev.millrace.testing.http.RawHttp.Response;
import dev.millrace.testing.upstream.Scene;
import dev.millrace.testing.upstream.ScriptedUpstream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The proxy in front of the scripted upstream, as tests of failover use them.
@Timeout(30)
class FaultyUpstreamIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final Duration QUIET = Duration.ofMillis(100);
    private static final Duration SOON = Duration.ofSeconds(5);

    private final ScriptedUpstream upstream = ScriptedUpstream.start();
    private final FaultProxy proxy = FaultProxy.start(upstream.port(), 1);
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void stop() {
        clients.shutdownNow();
        proxy.close();
        upstream.close();
    }

    @Test
    void twoRepliesAreExchangedAndTheNextOnesAreNot() throws Exception {
        try (RawHttp one = RawHttp.connect(proxy.port());
                RawHttp two = RawHttp.connect(proxy.port())) {
            assertThat(ask(one, "warm").body()).contains("warm");
            proxy.swapNextReplies(QUIET);

            Future<Response> first = clients.submit(asking(one, "canary-one"));
            Future<Response> second = clients.submit(asking(two, "canary-two"));

            assertThat(first.get(5, TimeUnit.SECONDS).body())
                    .contains("canary-two")
                    .doesNotContain("canary-one");
            assertThat(second.get(5, TimeUnit.SECONDS).body()).contains("canary-one");
            assertThat(proxy.swapped()).isEqualTo(2);
            assertThat(ask(one, "canary-three").body()).contains("canary-three");
            assertThat(ask(two, "canary-four").body()).contains("canary-four");
        }
    }

    @Test
    void aReplyInSeveralPiecesIsExchangedWhole() throws Exception {
        upstream.always(Scene.answer("x ".repeat(1_000)));
        try (RawHttp one = RawHttp.connect(proxy.port());
                RawHttp two = RawHttp.connect(proxy.port())) {
            proxy.swapNextReplies(QUIET);

            Future<Response> first = clients.submit(asking(one, "whole"));
            Future<Response> second = clients.submit(() -> stream(two));

            assertThat(first.get(5, TimeUnit.SECONDS).events()).hasSizeGreaterThan(1_000);
            assertThat(second.get(5, TimeUnit.SECONDS).body()).startsWith("{").hasSizeGreaterThan(2_000);
        }
    }

    @Test
    void aStreamSlicedIntoBytesIsTheSameStream() throws IOException {
        proxy.behave(Behaviour.none()
                .toClient(link -> link.slice(1, Duration.ofNanos(10_000)))
                .toUpstream(link -> link.slice(3, Duration.ofNanos(10_000))));
        try (RawHttp direct = RawHttp.connect(upstream.port());
                RawHttp sliced = RawHttp.connect(proxy.port())) {
            upstream.always(Scene.answer("über allen Gipfeln").commentPings());

            Response plain = stream(direct);
            Response cut = stream(sliced);

            assertThat(withoutIds(cut.body())).isEqualTo(withoutIds(plain.body()));
        }
    }

    @Test
    void aClientThatLeavesBehindAStallReachesTheUpstream() throws IOException {
        upstream.always(Scene.answer("a b c").pace(Duration.ofSeconds(20)));
        proxy.behave(Behaviour.none().toClient(link -> link.stallAfter(150)));
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            client.post(CHAT, streamed("x")).exactly(150);
            assertThat(client.silentFor(20)).isTrue();
        }

        assertThat(upstream.awaitClientGone(SOON).prompt()).isEqualTo("x");
    }

    @Test
    void manyClientsThroughASlowLinkKeepTheirAnswers() throws Exception {
        proxy.behave(Behaviour.none()
                .toClient(link -> link.latency(Duration.ofMillis(1))
                        .jitter(Duration.ofMillis(3))
                        .sliceByChance(64, Duration.ZERO)));
        List<Future<Integer>> all = IntStream.range(0, 30)
                .mapToObj(c -> clients.submit(() -> {
                    int right = 0;
                    try (RawHttp client = RawHttp.connect(proxy.port())) {
                        for (int i = 0; i < 10; i++) {
                            String canary = "canary-" + c + "-" + i;
                            right += ask(client, canary).body().contains("\"" + canary + "\"") ? 1 : 0;
                        }
                    }
                    return right;
                }))
                .toList();

        for (Future<Integer> client : all) {
            assertThat(client.get(20, TimeUnit.SECONDS)).isEqualTo(10);
        }
        proxy.awaitOpen(0, SOON);
        assertThat(upstream.active()).isZero();
    }

    private static Callable<Response> asking(RawHttp client, String prompt) {
        return () -> ask(client, prompt);
    }

    private static Response ask(RawHttp client, String prompt) throws IOException {
        return client.post(CHAT, "{\"prompt\":\"" + prompt + "\"}").response();
    }

    private static Response stream(RawHttp client) throws IOException {
        return client.post(CHAT, streamed("x")).response();
    }

    private static String streamed(String prompt) {
        return "{\"stream\":true,\"prompt\":\"" + prompt + "\"}";
    }

    private static String withoutIds(String body) {
        return body.replaceAll("chatcmpl-\\d+", "id");
    }
}
