package dev.millrace.server;

import static dev.millrace.server.CachedAnswers.CHAT;
import static dev.millrace.server.CachedAnswers.ZERO;
import static dev.millrace.server.CachedAnswers.cache;
import static dev.millrace.server.CachedAnswers.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.engine.FinishReason;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Equal requests that come while their answer is being computed.
class CacheFlightsIT {
    private final FakeEngine engine = new FakeEngine("fake");
    private final TestServer server =
            TestServer.caching(CachedAnswers.config(Duration.ofMinutes(5), Duration.ZERO), TestUpstreams.NONE, engine);
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        clients.close();
        server.awaitIdle();
        server.server().cache().checkInvariants();
        server.close();
    }

    private Future<HttpResponse<String>> ask(String... wishes) {
        return clients.submit(() -> server.post(CHAT, TestServer.chat("fake", wishes)));
    }

    private List<Future<HttpResponse<String>>> askAll(int count, String... wishes) {
        List<Future<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(ask(wishes));
        }
        return answers;
    }

    private void awaitWaiting(int count) {
        server.await(() -> server.server().cache().waiting() == count);
    }

    @Test
    void aThousandEqualMissesAreOneRun() throws Exception {
        List<Future<HttpResponse<String>>> answers = askAll(1_000, ZERO);
        FakeEngine.Call call = engine.next();
        awaitWaiting(999);
        call.queued().token("once").finished(FinishReason.STOP);

        Set<String> ids = new HashSet<>();
        for (var answer : answers) {
            assertThat(answer.get().body()).contains("once");
            assertThat(cache(answer.get())).isEqualTo("miss");
            ids.add(id(answer.get()));
        }
        assertThat(ids).hasSize(1_000);
        assertThat(engine.isUntouched()).isTrue();
        assertThat(server.server().cache().counts().followers()).isEqualTo(999);
        assertThat(server.server().cache().counts().stores()).isEqualTo(1);
    }

    @Test
    void followersOfAStreamGetAllOfIt() throws Exception {
        var first = ask(ZERO, "\"stream\":true");
        FakeEngine.Call call = engine.next();
        var others = askAll(5, ZERO, "\"stream\":true");
        awaitWaiting(5);
        call.queued().token("a").token("b").finished(FinishReason.STOP);

        String whole = CachedAnswers.withoutId(first.get().body());
        for (var other : others) {
            assertThat(CachedAnswers.withoutId(other.get().body())).isEqualTo(whole);
        }
    }

    @Test
    void theRunGoesOnForOthersWhenItsClientLeaves() throws Exception {
        FakeEngine.Call call;
        List<Future<HttpResponse<String>>> others;
        try (var leader = new RawClient(server.port())) {
            sendRaw(leader);
            call = engine.next();
            others = askAll(3, ZERO);
            awaitWaiting(3);
        }
        awaitWaiting(2); // the oldest of them owns the run now
        call.queued().token("kept").finished(FinishReason.STOP);

        for (var other : others) {
            assertThat(other.get().body()).contains("kept");
        }
        assertThat(call.isCancelled()).isFalse();
        assertThat(engine.isUntouched()).isTrue();
    }

    @Test
    void theRunEndsWhenNobodyIsLeft() throws Exception {
        FakeEngine.Call call;
        try (var leader = new RawClient(server.port());
                var other = new RawClient(server.port())) {
            sendRaw(leader);
            call = engine.next();
            sendRaw(other);
            awaitWaiting(1);
        }

        server.await(call::isCancelled);
        server.awaitIdle();
        assertThat(server.server().cache().entries()).isZero();
    }

    private static void sendRaw(RawClient client) throws Exception {
        String body = TestServer.chat("fake", ZERO);
        client.send("POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    @Test
    void anotherTriesWhenARunFails() throws Exception {
        var answers = askAll(4, ZERO);
        FakeEngine.Call first = engine.next();
        awaitWaiting(3);
        first.queued().prefilling().failed(ErrorCode.INTERNAL_ERROR, "no");
        engine.next().queued().token("second").finished(FinishReason.STOP);

        List<Integer> statuses = new ArrayList<>();
        for (var answer : answers) {
            statuses.add(answer.get().statusCode());
        }
        assertThat(statuses).containsExactlyInAnyOrder(500, 200, 200, 200);
    }

    @Test
    void manyDoNotFailOneAfterTheOther() throws Exception {
        var answers = askAll(50, ZERO);
        FakeEngine.Call call = engine.next();
        awaitWaiting(49);
        for (int run = 0; run < 3; run++) {
            call.queued().prefilling().failed(ErrorCode.INTERNAL_ERROR, "no");
            if (run < 2) {
                call = engine.next();
            }
        }

        for (var answer : answers) {
            assertThat(answer.get().statusCode()).isEqualTo(500);
            assertThat(answer.get().body()).contains("internal_error");
        }
        assertThat(engine.isUntouched()).isTrue();
    }

    @Test
    void whoComesAfterAnInvalidationDoesNotWaitForWhatWasBegunBefore() throws Exception {
        var before = ask(ZERO);
        FakeEngine.Call old = engine.next();
        CachedAnswers.invalidate(server, "{\"all\":true}");
        var after = ask(ZERO);
        FakeEngine.Call fresh = engine.next();
        fresh.queued().token("new").finished(FinishReason.STOP);
        old.queued().token("old").finished(FinishReason.STOP);

        assertThat(before.get().body()).contains("old");
        assertThat(after.get().body()).contains("new");
        assertThat(ask(ZERO).get().body()).contains("new");
    }

    @Test
    void aFollowerLeavesAtItsOwnDeadline() throws Exception {
        var first = ask(ZERO);
        FakeEngine.Call call = engine.next();
        HttpResponse<String> hurried = server.post(CHAT, TestServer.chat("fake", ZERO), "x-millrace-timeout-ms", "50");
        call.queued().token("late").finished(FinishReason.STOP);

        assertThat(hurried.statusCode()).isEqualTo(504);
        assertThat(hurried.body()).contains("total_timeout");
        assertThat(first.get().body()).contains("late");
    }

    @Test
    void aSlowReaderHoldsUpNobody() throws Exception {
        try (var slow = new RawClient(server.port())) {
            String body = TestServer.chat("fake", ZERO, "\"stream\":true");
            slow.send("POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            FakeEngine.Call call = engine.next();
            var other = ask(ZERO, "\"stream\":true");
            awaitWaiting(1);
            call.queued();
            for (int i = 0; i < 200; i++) {
                call.token("word ");
            }
            call.finished(FinishReason.STOP);

            assertThat(other.get().body()).endsWith("data: [DONE]\n\n");
        }
    }
}
