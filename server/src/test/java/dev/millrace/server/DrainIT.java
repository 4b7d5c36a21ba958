package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.FinishReason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// What kept connections see of a server that is to stop: they are let go before it is gone.
class DrainIT {
    private static final String LIVE = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String CLOSE = "connection: close\r\n";
    private static final Duration DRAIN = Duration.ofSeconds(5);

    @Test
    void keptConnectionIsLetGoWithTheNextAnswer() throws Exception {
        var times = TestTimeouts.with(t -> t.lameDuck(Duration.ofSeconds(2)));
        try (var server = TestServer.with(TestServer.LIMITS, times, new FakeEngine("fake").playing(DrainIT::answer));
                var client = new RawClient(server.port())) {
            assertThat(client.send(LIVE).readUntil("{\"status\":\"ok\"}")).doesNotContain(CLOSE);
            var stopped = stop(server);

            String answer = client.send(chat()).readToEnd();

            assertThat(answer).startsWith("HTTP/1.1 200 ").contains(CLOSE, "\"content\":\"hi\"");
            stopped.get();
        }
    }

    @Test
    void answerThatEndsDuringTheDrainIsTheLastOnItsConnection() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(engine);
                var client = new RawClient(server.port())) {
            client.send(chat());
            FakeEngine.Call call = engine.next();
            var stopped = stop(server);

            answer(call);

            assertThat(client.readToEnd()).startsWith("HTTP/1.1 200 ").contains(CLOSE, "\"content\":\"hi\"");
            stopped.get();
        }
    }

    @Test
    void refusalDuringTheDrainIsTheLastOnItsConnection() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(engine);
                var running = new RawClient(server.port());
                var client = new RawClient(server.port())) {
            running.send(chat());
            FakeEngine.Call call = engine.next();
            var stopped = stop(server);

            assertThat(client.send(chat()).readToEnd())
                    .startsWith("HTTP/1.1 503 ")
                    .contains(CLOSE, "server_shutdown");

            answer(call);
            assertThat(running.readToEnd()).startsWith("HTTP/1.1 200 ");
            stopped.get();
        }
    }

    @Test
    void requestsThatWereSentAtOnceAreAllAnswered() throws Exception {
        var times = TestTimeouts.with(t -> t.lameDuck(Duration.ofSeconds(2)));
        try (var server = TestServer.with(TestServer.LIMITS, times, new FakeEngine("fake"));
                var client = new RawClient(server.port())) {
            var stopped = stop(server);

            String answers = client.send(LIVE + LIVE + LIVE).readToEnd();

            assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(4);
            assertThat(answers.split(CLOSE, -1)).hasSize(2);
            stopped.get();
        }
    }

    private static void answer(FakeEngine.Call call) {
        call.token("hi").finished(FinishReason.STOP);
    }

    private static String chat() {
        String body = TestServer.chat("fake");
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /// Returns once the server says that it is stopping.
    private static CompletableFuture<Void> stop(TestServer server) {
        var stopped = CompletableFuture.runAsync(() -> server.server().shutdown(DRAIN));
        server.await(() -> {
            try {
                return server.get("/health/ready").statusCode() == 503;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        return stopped;
    }
}
