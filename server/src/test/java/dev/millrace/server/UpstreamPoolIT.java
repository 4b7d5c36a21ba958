package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.config.GatewayConfig.PoolConfig;
import dev.millrace.server.upstream.PoolCounts;
import dev.millrace.testing.fault.Behaviour;
import dev.millrace.testing.fault.FaultProxy;
import dev.millrace.testing.upstream.Scene;
import dev.millrace.testing.upstream.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Connections to an upstream: bounded, used again, given up in time, and never left behind.
final class UpstreamPoolIT {
    private final ScriptedUpstream upstream = ScriptedUpstream.start().models("small");
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        clients.close();
        upstream.close();
    }

    private static PoolConfig pool(int size, int ready, Duration acquire, Duration idle) {
        return new PoolConfig(size, ready, acquire, idle, Duration.ofMinutes(10), Duration.ofMillis(500));
    }

    private TestServer gateway(PoolConfig pool, int port) {
        TestServer server =
                TestServer.gateway(TestServer.TIMEOUTS, TestUpstreams.of(pool, TestUpstreams.onPorts(port)));
        server.await(() -> server.server().upstreams().areReady());
        return server;
    }

    private static PoolCounts counts(TestServer gateway) {
        return gateway.server().upstreams().targets().getFirst().pool().counts();
    }

    private List<HttpResponse<String>> together(TestServer gateway, int requests) {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            answers.add(CompletableFuture.supplyAsync(() -> ask(gateway), clients));
        }
        return answers.stream().map(CompletableFuture::join).toList();
    }

    private static HttpResponse<String> ask(TestServer gateway) {
        try {
            return gateway.post("/v1/chat/completions", TestServer.chat("small"));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void moreRequestsThanConnectionsWaitForOneAndAllAreAnswered() {
        upstream.always(Scene.answer("one").headersAfter(Duration.ofMillis(20)));

        try (TestServer gateway = gateway(pool(3, 0, Duration.ofSeconds(5), Duration.ZERO), upstream.port())) {
            assertThat(together(gateway, 40)).allMatch(answer -> answer.statusCode() == 200);

            assertThat(upstream.openConnections()).isLessThanOrEqualTo(3);
            gateway.await(() -> counts(gateway).inUse() == 0);
            assertThat(counts(gateway).waiting()).isZero();
            assertThat(counts(gateway).open()).isLessThanOrEqualTo(3);
            assertThat(counts(gateway).reused()).isPositive();
        }
    }

    @Test
    void whoWaitsTooLongForAConnectionIsToldToComeBack() {
        upstream.always(Scene.answer("one").headersAfter(Duration.ofSeconds(2)));

        try (TestServer gateway = gateway(pool(2, 0, Duration.ofMillis(200), Duration.ZERO), upstream.port())) {
            List<HttpResponse<String>> answers = together(gateway, 5);

            List<HttpResponse<String>> refused =
                    answers.stream().filter(answer -> answer.statusCode() == 503).toList();
            assertThat(refused).hasSizeGreaterThanOrEqualTo(3);
            assertThat(refused).allMatch(answer -> answer.body().contains("pool_exhausted"));
            assertThat(refused)
                    .allMatch(answer -> answer.headers().firstValue("retry-after").isPresent());
            assertThat(counts(gateway).timedOut()).isPositive();
        }
    }

    @Test
    void aConnectionThatTheUpstreamClosedUnseenCostsNoRequest() {
        upstream.always(Scene.answer("one").closeAfterAnswer());

        try (TestServer gateway = gateway(TestUpstreams.POOL, upstream.port())) {
            for (int i = 0; i < 100; i++) {
                assertThat(ask(gateway).statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void idleConnectionsAreClosedBeforeTheUpstreamWould() {
        upstream.always(Scene.answer("one"));

        try (TestServer gateway = gateway(pool(30, 0, Duration.ofSeconds(1), Duration.ofMillis(100)), upstream.port())) {
            together(gateway, 20);

            // What looks every 50 ms has one that is never idle for long.
            gateway.await(() -> upstream.openConnections() <= 1);
            assertThat(ask(gateway).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void connectionsAreThereBeforeAnybodyAsks() {
        try (TestServer gateway = gateway(pool(30, 4, Duration.ofSeconds(1), Duration.ZERO), upstream.port())) {
            gateway.await(() -> upstream.openConnections() >= 8); // four for each of two event loops

            assertThat(upstream.count()).isZero();
            assertThat(ask(gateway).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void nothingIsLeftAfterAThousandRequestsOfWhichEveryThirdClientLeaves() throws Exception {
        upstream.always(Scene.answer("one two three").pace(Duration.ofMillis(2)));

        try (TestServer gateway = gateway(pool(10, 0, Duration.ofSeconds(5), Duration.ZERO), upstream.port())) {
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                boolean leaves = i % 3 == 0;
                all.add(CompletableFuture.runAsync(() -> streamOrLeave(gateway, leaves), clients));
                if (all.size() % 50 == 0) {
                    all.forEach(CompletableFuture::join);
                }
            }
            all.forEach(CompletableFuture::join);

            gateway.awaitIdle();
            gateway.await(() -> counts(gateway).inUse() == 0 && counts(gateway).waiting() == 0);
            assertThat(counts(gateway).open()).isBetween(0, 10);
            assertThat(gateway.server().upstreams().fleet().statuses()).allMatch(one -> one.inFlight() == 0);
            upstream.awaitIdle(Duration.ofSeconds(5));
        }
    }

    private static void streamOrLeave(TestServer gateway, boolean leaves) {
        String body = TestServer.chat("small", "\"stream\":true");
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            client.readUntil(leaves ? "\r\n\r\n" : "[DONE]");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void everyByteInASegmentOfItsOwnMakesNoDifference() throws Exception {
        upstream.always(Scene.answer("alpha beta gamma"));
        try (FaultProxy proxy = FaultProxy.start(upstream.port(), 7)) {
            proxy.behave(Behaviour.none().toClient(link -> link.slice(1)));
            try (TestServer gateway = gateway(TestUpstreams.POOL, proxy.port())) {
                HttpResponse<String> whole = ask(gateway);
                HttpResponse<String> stream =
                        gateway.post("/v1/chat/completions", TestServer.chat("small", "\"stream\":true"));

                assertThat(whole.body()).contains("alpha beta gamma");
                assertThat(stream.body()).contains("alpha", " beta", " gamma").endsWith("data: [DONE]\n\n");
                assertThat(stream.body().split("\n\n")).allMatch(event -> event.startsWith("data: "));
            }
        }
    }

    @Test
    void anUpstreamThatIsDownAndComesBackIsUsedAgain() {
        try (FaultProxy proxy = FaultProxy.start(upstream.port(), 7);
                TestServer gateway = gateway(TestUpstreams.POOL, proxy.port())) {
            proxy.down();
            proxy.resetAll();
            assertThat(ask(gateway).statusCode()).isBetween(502, 503);

            proxy.up();

            gateway.await(() -> ask(gateway).statusCode() == 200);
        }
    }
}
