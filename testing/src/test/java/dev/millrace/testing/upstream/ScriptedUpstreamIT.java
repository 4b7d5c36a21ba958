package dev.millrace.testing.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.http.RawHttp;
import dev.millrace.testing.http.RawHttp.Ending;
import dev.millrace.testing.http.RawHttp.Response;
import dev.millrace.testing.http.RawHttp.Rest;
import dev.millrace.testing.net.OpenHandles;
import java.io.EOFException;
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
            Response whole = client.post(CHAT, whole("canary one")).response();
            Response streamed = client.post(CHAT, streamed("canary two")).response();

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
        assertThat(second.bodyText()).isEqualTo(streamed("canary two"));
    }

    @Test
    void theClientOfTheJdkUnderstandsBothKindsOfAnswer() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(post(client, whole("hello there"))).contains("\"content\":\"hello there\"");
            assertThat(post(client, streamed("hello there"))).endsWith("data: [DONE]\n\n");
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
            Response refused = client.post(CHAT, whole("x")).response();

            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.headers()).containsEntry("retry-after", "1");
            assertThat(client.post(CHAT, whole("x")).response().body()).contains("script_failed", "no scene");
            assertThat(client.post(CHAT, whole("x")).response().body()).contains("\"content\":\"done\"");
        }
    }

    @Test
    void failuresBeforeTheHeadersAreAResetACloseAndSilence() throws IOException {
        assertThat(restOf(Scene.resetBeforeHeaders(), whole("x"))).isEqualTo(new Rest("", Ending.RESET));
        assertThat(restOf(Scene.closeBeforeHeaders(), whole("x"))).isEqualTo(new Rest("", Ending.FIN));
        upstream.always(Scene.hang());
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            assertThat(client.post(CHAT, whole("x")).silentFor(20)).isTrue();
        }
        assertThat(upstream.awaitClientGone(SOON).index()).isEqualTo(2);
    }

    @Test
    void streamsBreakOffByACloseOrAResetBehindTheirEvents() throws IOException {
        Rest cut = restOf(Scene.echo().cutAfterEvents(2), streamed("a b"));
        Rest reset = restOf(Scene.echo().resetAfterEvents(0), streamed("a b"));

        assertThat(cut.ending()).isEqualTo(Ending.FIN);
        assertThat(cut.text()).contains("\"content\":\"a\"").doesNotContain("\" b\"", "[DONE]", "\r\n0\r\n");
        assertThat(reset.ending()).isEqualTo(Ending.RESET);
        assertThat(upstream.clientsGone()).isZero();
    }

    @Test
    void aStreamFallsSilentUntilTheClientLeaves() throws IOException {
        upstream.always(Scene.echo().stallAfterEvents(2));
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            client.post(CHAT, streamed("a b")).until("\"content\":\"a\"");
            client.until("\n\n\r\n");

            assertThat(client.silentFor(20)).isTrue();
            assertThat(upstream.active()).isEqualTo(1);
        }
        assertThat(upstream.awaitClientGone(SOON).prompt()).isEqualTo("a b");
    }

    @Test
    void wholeBodiesBreakOffBehindTheirBytes() throws IOException {
        Rest cut = restOf(Scene.echo().wholeCutAfterBytes(5), whole("a b"));
        Rest reset = restOf(Scene.echo().wholeResetAfterBytes(5), whole("a b"));

        assertThat(cut.ending()).isEqualTo(Ending.FIN);
        assertThat(cut.text()).endsWith("\r\n\r\n{\"id\"");
        assertThat(reset.ending()).isEqualTo(Ending.RESET);
        assertThatThrownBy(() -> {
                    try (RawHttp client = RawHttp.connect(upstream.port())) {
                        upstream.always(Scene.status(200, "{\"long\":1}").wholeCutAfterBytes(3));
                        client.post(CHAT, whole("x")).response();
                    }
                })
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("3 of 10");
    }

    @Test
    void connectionsEndBehindAnAnswerWithAndWithoutAWord() throws IOException {
        Rest announced = restOf(Scene.echo().connectionClose(), whole("x"));
        Rest silent = restOf(Scene.echo().closeAfterAnswer(), whole("x"));
        Rest framedByIt = restOf(Scene.echo().untilClose(), streamed("x"));
        String asking = "POST " + CHAT + " HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";

        assertThat(announced.text()).contains("Connection: close\r\n");
        assertThat(silent.text()).doesNotContain("Connection").endsWith("}");
        assertThat(framedByIt.text()).doesNotContain("chunked").endsWith("data: [DONE]\n\n");
        assertThat(List.of(announced, silent, framedByIt)).allMatch(rest -> rest.ending() == Ending.FIN);
        upstream.always(Scene.echo());
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            assertThat(client.send(asking).rest().ending()).isEqualTo(Ending.FIN);
        }
    }

    @Test
    void aClientThatLeavesInAWaitIsNoticedAtOnceAndOneThatStaysIsNot() throws IOException {
        upstream.always(Scene.echo().pace(Duration.ofSeconds(20)));
        RawHttp leaving = RawHttp.connect(upstream.port());
        leaving.post(CHAT, streamed("leaver")).until("assistant");
        upstream.awaitCount(1, SOON);
        assertThat(upstream.active()).isEqualTo(1);

        leaving.close();

        assertThat(upstream.awaitClientGone(SOON).prompt()).isEqualTo("leaver");
        upstream.awaitIdle(SOON);
        upstream.always(Scene.echo().headersAfter(Duration.ofMillis(2)).pace(Duration.ofMillis(2)));
        try (RawHttp staying = RawHttp.connect(upstream.port())) {
            assertThat(staying.post(CHAT, streamed("a b c")).response().events())
                    .hasSize(6);
        }
        assertThat(upstream.clientsGone()).isEqualTo(1);
        assertThatThrownBy(() -> upstream.awaitClientGone(Duration.ofMillis(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no client left");
    }

    @Test
    void aRequestThatArrivesInAWaitIsAnsweredNext() throws IOException {
        upstream.always(Scene.echo().headersAfter(Duration.ofMillis(20)));
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            client.post(CHAT, whole("first")).post(CHAT, whole("second"));

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
            assertThat(client.post(CHAT, whole("next")).response().status()).isEqualTo(200);
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
            hanging.post(CHAT, streamed("x"));
            idle.post(CHAT, whole("x")).response();
            used.awaitCount(2, SOON);
        }
    }

    private void ask(int client, int times, ConcurrentLinkedQueue<String> wrong) {
        try (RawHttp connection = RawHttp.connect(upstream.port())) {
            for (int i = 0; i < times; i++) {
                String canary = "canary-" + client + "-" + i;
                String body = i % 2 == 0 ? whole(canary) : streamed(canary);
                if (!connection.post(CHAT, body).response().body().contains("\"" + canary + "\"")) {
                    wrong.add(canary);
                }
            }
        } catch (IOException e) {
            wrong.add(e.toString());
        }
    }

    private Rest restOf(Scene scene, String body) throws IOException {
        upstream.always(scene);
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            return client.post(CHAT, body).rest();
        }
    }

    private String post(HttpClient client, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(upstream.url() + CHAT))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, BodyHandlers.ofString()).body();
    }

    private static String whole(String prompt) {
        return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}";
    }

    private static String streamed(String prompt) {
        return whole(prompt).replace("\"model\"", "\"stream\":true,\"model\"");
    }
}
