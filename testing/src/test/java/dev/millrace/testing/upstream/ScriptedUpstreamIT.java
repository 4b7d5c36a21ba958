package dev.millrace.testing.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.http.RawHttp;
import dev.millrace.testing.http.RawHttp.Response;
import dev.millrace.testing.net.OpenHandles;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ScriptedUpstreamIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final Duration SOON = Duration.ofSeconds(5);

    private final ScriptedUpstream upstream = ScriptedUpstream.start();

    @AfterEach
    void stop() {
        upstream.close();
    }

    @Test
    void oneConnectionCarriesManyRequestsAndEachIsSeen() throws IOException {
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            Response whole = client.post(CHAT, Bodies.whole("canary one")).response();
            Response streamed = client.post(CHAT, Bodies.streamed("canary two")).response();

            assertThat(whole.status()).isEqualTo(200);
            assertThat(whole.body()).contains("\"content\":\"canary one\"");
            assertThat(streamed.headers()).containsEntry("content-type", "text/event-stream; charset=utf-8");
            assertThat(streamed.events()).hasSize(5).last().isEqualTo("[DONE]");
        }

        assertThat(upstream.connections()).isEqualTo(1);
        assertThat(upstream.seen()).extracting(SeenRequest::requestOnConnection).containsExactly(0, 1);
        SeenRequest second = upstream.seen().get(1);
        assertThat(second.stream()).isTrue();
        assertThat(second.model()).isEqualTo("m");
        assertThat(second.prompt()).isEqualTo("canary two");
        assertThat(second.header("Content-Type")).contains("application/json");
        assertThat(second.bodyText()).isEqualTo(Bodies.streamed("canary two"));
    }

    @Test
    void theClientOfTheJdkUnderstandsBothKindsOfAnswer() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(post(client, Bodies.whole("hello there"))).contains("\"content\":\"hello there\"");
            assertThat(post(client, Bodies.streamed("hello there"))).endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void pagesAreHealthModelsAndWhatATestAdds() throws IOException {
        upstream.models("a", "b").page("/metrics", Scene.status(200, "up 1", "Content-Type: text/plain"));
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            assertThat(client.get("/health").response().status()).isEqualTo(200);
            assertThat(client.get("/v1/models").response().body()).contains("\"id\":\"a\"", "\"id\":\"b\"");
            assertThat(client.get("/v1/models/b").response().body()).startsWith("{\"id\":\"b\"");
            assertThat(client.get("/v1/models/c").response().status()).isEqualTo(404);
            assertThat(client.get("/metrics?x=1").response().body()).isEqualTo("up 1");
            upstream.healthy(false);
            assertThat(client.get("/health").response().status()).isEqualTo(503);
        }

        assertThat(upstream.count()).isZero();
        assertThat(upstream.pagesAsked()).isEqualTo(6);
    }

    @Test
    void theScriptDecidesPerRequest() throws IOException {
        upstream.script(request -> switch (request.index()) {
            case 0 -> Scene.status(429, "{}", "Retry-After: 1");
            case 1 -> throw new IllegalStateException("no scene");
            default -> Scene.answer("done");
        });
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            Response refused = client.post(CHAT, Bodies.whole("x")).response();

            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.headers()).containsEntry("retry-after", "1");
            assertThat(client.post(CHAT, Bodies.whole("x")).response().body()).contains("script_failed", "no scene");
            assertThat(client.post(CHAT, Bodies.whole("x")).response().body()).contains("\"content\":\"done\"");
        }
    }

    @Test
    void aRequestThatArrivesInAWaitIsAnsweredNext() throws IOException {
        upstream.always(Scene.echo().headersAfter(Duration.ofMillis(20)));
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            client.post(CHAT, Bodies.whole("first")).post(CHAT, Bodies.whole("second"));

            assertThat(client.response().body()).contains("first");
            assertThat(client.response().body()).contains("second");
        }
    }

    @Test
    void bodiesInChunksAndAClientThatAsksBeforeItSendsAreRead() throws IOException {
        String head = "POST " + CHAT + " HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n";
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            assertThat(client.send(head).until("\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            client.send("d;x=y\r\n{\"prompt\":\"ch\r\n4\r\nunk\"\r\n1\r\n}\r\n0\r\nTrailer: 1\r\n\r\n");

            assertThat(client.response().body()).contains("\"content\":\"chunk\"");
            assertThat(client.post(CHAT, Bodies.whole("next")).response().status())
                    .isEqualTo(200);
        }
    }

    @Test
    void downRefusesAndUpTakesTheSamePort() throws IOException {
        try (RawHttp open = RawHttp.connect(upstream.port())) {
            open.get("/health").response();

            upstream.down();

            assertThatThrownBy(() -> RawHttp.connect(upstream.port())).isInstanceOf(ConnectException.class);
            assertThat(open.get("/health").response().status()).isEqualTo(200);
            upstream.up();
            try (RawHttp later = RawHttp.connect(upstream.port())) {
                assertThat(later.get("/health").response().status()).isEqualTo(200);
            }
            upstream.closeConnections();
            assertThat(open.rest().text()).isEmpty();
        }
    }

    @Test
    void thousandsOfRequestsAtOnceEachGetTheirOwnAnswer() throws Exception {
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        List<Thread> clients = IntStream.range(0, 50)
                .mapToObj(c -> Thread.ofVirtual().start(() -> ask(c, 40, wrong)))
                .toList();
        for (Thread client : clients) {
            client.join();
        }

        assertThat(wrong).isEmpty();
        assertThat(upstream.count()).isEqualTo(2_000);
        assertThat(upstream.seen()).extracting(SeenRequest::index).doesNotHaveDuplicates();
        assertThat(upstream.active()).isZero();
    }

    @Test
    void closingLeavesNoThreadAndNoHandleBehind() throws IOException {
        useAndClose();
        OpenHandles before = OpenHandles.now();

        for (int round = 0; round < 20; round++) {
            useAndClose();
        }

        before.awaitNoMore(SOON);
    }

    private static void useAndClose() throws IOException {
        try (ScriptedUpstream used = ScriptedUpstream.start();
                RawHttp hanging = RawHttp.connect(used.port());
                RawHttp idle = RawHttp.connect(used.port())) {
            used.script(request -> request.stream() ? Scene.hang() : Scene.echo());
            hanging.post(CHAT, Bodies.streamed("x"));
            idle.post(CHAT, Bodies.whole("x")).response();
            used.awaitCount(2, SOON);
        }
    }

    private void ask(int client, int times, ConcurrentLinkedQueue<String> wrong) {
        try (RawHttp connection = RawHttp.connect(upstream.port())) {
            for (int i = 0; i < times; i++) {
                String canary = "canary-" + client + "-" + i;
                String body = i % 2 == 0 ? Bodies.whole(canary) : Bodies.streamed(canary);
                if (!connection.post(CHAT, body).response().body().contains("\"" + canary + "\"")) {
                    wrong.add(canary);
                }
            }
        } catch (IOException e) {
            wrong.add(e.toString());
        }
    }

    private String post(HttpClient client, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(upstream.url() + CHAT))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, BodyHandlers.ofString()).body();
    }
}
