package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.ByteSize;
import dev.millrace.engine.FinishReason;
import dev.millrace.server.config.LimitsConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A client that leaves stops the engine, in every phase, and its place is free when the engine says that it has
/// ended.
class DisconnectIT {
    private static final LimitsConfig ONE_PLACE = new LimitsConfig(1, 5, Duration.ofSeconds(30), ByteSize.mebibytes(8));

    @Test
    void closingWhileTheEngineHasSaidNothing() throws Exception {
        check(false, call -> {});
        check(true, call -> {});
    }

    @Test
    void closingWhileQueuedInTheEngine() throws Exception {
        check(false, FakeEngine.Call::queued);
        check(true, FakeEngine.Call::queued);
    }

    @Test
    void closingDuringPrefill() throws Exception {
        check(false, call -> call.queued().prefilling());
        check(true, call -> call.queued().prefilling());
    }

    @Test
    void closingDuringDecode() throws Exception {
        check(false, call -> call.queued().token("a").token("b"));
        check(true, call -> call.queued().token("a").token("b"));
    }

    private static void check(boolean stream, FakeEngine.Script before) throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(engine)) {
            for (int round = 0; round < 20; round++) {
                boolean reset = round % 2 == 0;
                var client = new RawClient(server.port()).send(post(stream));
                FakeEngine.Call call = engine.next();
                before.play(call);
                server.await(() -> call.backlog() == 0);
                assertThat(server.server().openRequests()).isEqualTo(1);

                if (reset) {
                    client.reset();
                } else {
                    client.close();
                }

                server.await(call::isCancelled);
                server.awaitIdle();
            }
        }
    }

    @Test
    void closingWhileWaitingForAPlaceLeavesTheQueue() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(ONE_PLACE, TestServer.TIMEOUTS, engine)) {
            var first = new RawClient(server.port()).send(post(false));
            FakeEngine.Call running = engine.next();
            var second = new RawClient(server.port()).send(post(true));
            server.await(() -> server.server().openRequests() == 2);

            second.close();
            server.await(() -> server.server().openRequests() == 1);
            running.token("x").finished(FinishReason.STOP);

            assertThat(first.readUntil("}}")).contains("200 OK");
            assertThat(engine.isUntouched()).isTrue();
            first.close();
        }
    }

    @Test
    void placeIsHeldUntilTheEngineHasReallyEnded() throws Exception {
        var engine = new FakeEngine("fake").playing(FakeEngine.Call::ignoringCancel);
        try (var server = TestServer.with(ONE_PLACE, TestServer.TIMEOUTS, engine)) {
            var first = new RawClient(server.port()).send(post(true));
            FakeEngine.Call running = engine.next();
            var second = new RawClient(server.port()).send(post(false));
            server.await(() -> server.server().openRequests() == 2);

            first.close();
            server.await(running::isCancelled);
            assertThat(server.server().openRequests()).isEqualTo(2);
            assertThat(engine.isUntouched()).isTrue();

            running.endAfterCancel();
            engine.next().token("x").finished(FinishReason.STOP);
            assertThat(second.readUntil("}}")).contains("200 OK");
            second.close();
        }
    }

    @Test
    void closingInTheMiddleOfABodyNeverReachesTheEngine() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(engine)) {
            for (int round = 0; round < 20; round++) {
                var client = new RawClient(server.port());
                byte[] whole = post(false);
                byte[] half = new String(whole, StandardCharsets.US_ASCII)
                        .substring(0, whole.length - 10)
                        .getBytes(StandardCharsets.US_ASCII);
                client.send(half);
                client.reset();
            }
            assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
            assertThat(engine.isUntouched()).isTrue();
        }
    }

    private static byte[] post(boolean stream) {
        String body = TestServer.chat("fake", "\"stream\":" + stream);
        return ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
