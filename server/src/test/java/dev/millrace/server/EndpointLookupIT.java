package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.fleet.EndpointStatus;
import dev.millrace.server.config.UpstreamConfig;
import dev.millrace.server.fleet.NameLookup;
import dev.millrace.server.fleet.UpstreamWatch;
import dev.millrace.server.fleet.Upstreams;
import dev.millrace.testing.upstream.ScriptedUpstream;
import io.vertx.core.Vertx;
import io.vertx.core.dns.DnsClientOptions;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Who the endpoints of an upstream are, as name servers say it and say it anew.
final class EndpointLookupIT {
    private final Vertx vertx = Vertx.vertx();
    private final ScriptedUpstream one = ScriptedUpstream.start().models("small");
    private final ScriptedUpstream other = ScriptedUpstream.start().models("small");

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        one.close();
        other.close();
    }

    private Upstreams watch(UpstreamConfig upstream, NameLookup names, DnsClientOptions dns) {
        Upstreams upstreams = new Upstreams(
                TestUpstreams.of(TestUpstreams.POOL, List.of(upstream)), new SplittableRandom(7), NanoClock.SYSTEM);
        vertx.deployVerticle(new UpstreamWatch(
                        upstreams, Map.of(), null, names, dns, new SplittableRandom(7), NanoClock.SYSTEM))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        return upstreams;
    }

    private static UpstreamConfig named(String url, @org.jspecify.annotations.Nullable String srv) {
        return new UpstreamConfig("a", URI.create(url), srv, UpstreamConfig.Kind.AUTO, null, List.of(), 1);
    }

    private static void await(BooleanSupplier condition) {
        long startNanos = NanoClock.SYSTEM.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(Duration.ofNanos(NanoClock.SYSTEM.nanoTime() - startNanos))
                    .isLessThan(Duration.ofSeconds(10));
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static List<String> offering(Upstreams upstreams) {
        return upstreams.fleet().statuses().stream()
                .filter(endpoint -> endpoint.models().contains("small"))
                .filter(endpoint -> endpoint.state() != EndpointStatus.State.GONE)
                .map(endpoint -> endpoint.endpoint().address())
                .sorted()
                .toList();
    }

    @Test
    void anAddressThatJoinsOrLeavesItsNameJoinsOrLeavesTheFleet() throws Exception {
        InetAddress first = InetAddress.ofLiteral("127.0.0.1");
        InetAddress second = InetAddress.ofLiteral("127.0.0.2");
        AtomicReference<List<InetAddress>> addresses = new AtomicReference<>(List.of(first));
        int port = one.port();
        Upstreams upstreams =
                watch(named("http://models.example:" + port, null), host -> addresses.get(), new DnsClientOptions());
        await(() -> offering(upstreams).equals(List.of("127.0.0.1:" + port)));

        addresses.set(List.of(first, second));
        await(() -> upstreams.targets().size() == 2);
        addresses.set(List.of(second));

        await(() -> upstreams.targets().size() == 1);
        assertThat(upstreams.targets().getFirst().id().address()).isEqualTo("127.0.0.2:" + port);
        await(() -> offering(upstreams).isEmpty());
    }

    @Test
    void aNameServerThatFailsTakesNobodyAway() throws Exception {
        InetAddress address = InetAddress.ofLiteral("127.0.0.1");
        AtomicReference<IOException> trouble = new AtomicReference<>();
        NameLookup names = host -> {
            IOException failure = trouble.get();
            if (failure != null) {
                throw failure;
            }
            return List.of(address);
        };
        Upstreams upstreams = watch(named("http://models.example:" + one.port(), null), names, new DnsClientOptions());
        await(() -> !offering(upstreams).isEmpty());

        trouble.set(new UnknownHostException("models.example"));
        int asked = one.pagesAsked();
        await(() -> one.pagesAsked() > asked + 3);

        assertThat(offering(upstreams)).containsExactly("127.0.0.1:" + one.port());
    }

    @Test
    void serviceRecordsSayHostsAndPorts() throws Exception {
        try (ServiceRecords records = new ServiceRecords(one.port(), other.port())) {
            InetAddress address = InetAddress.ofLiteral("127.0.0.1");
            Upstreams upstreams = watch(
                    named("http://models.example/v1", "_http._tcp.models.example"),
                    host -> List.of(address),
                    new DnsClientOptions().setHost("127.0.0.1").setPort(records.port()));

            List<String> both = java.util.stream.Stream.of(one.port(), other.port())
                    .map(port -> "127.0.0.1:" + port)
                    .sorted()
                    .toList();
            await(() -> offering(upstreams).equals(both));
        }
    }

    /// Answers each question with SRV records of these ports, and one of a worse priority (RFC 1035, 2782).
    private static final class ServiceRecords implements AutoCloseable {
        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private final int[] ports;

        ServiceRecords(int... ports) throws IOException {
            this.ports = ports;
            Thread.ofVirtual().start(this::serve);
        }

        int port() {
            return socket.getLocalPort();
        }

        private void serve() {
            byte[] buffer = new byte[512];
            while (!socket.isClosed()) {
                try {
                    DatagramPacket question = new DatagramPacket(buffer, buffer.length);
                    socket.receive(question);
                    byte[] answer = answer(buffer);
                    socket.send(new DatagramPacket(answer, answer.length, question.getSocketAddress()));
                } catch (IOException _) {
                    return; // closed
                }
            }
        }

        private byte[] answer(byte[] question) {
            int end = 12;
            while (question[end] != 0) {
                end += question[end] + 1;
            }
            end += 5;
            ByteBuffer out = ByteBuffer.allocate(512).put(question, 0, end);
            out.putShort(2, (short) 0x8180).putShort(6, (short) (ports.length + 1));
            out.putShort(8, (short) 0).putShort(10, (short) 0);
            for (int port : ports) {
                record(out, 10, port);
            }
            record(out, 20, 9);
            return java.util.Arrays.copyOf(out.array(), out.position());
        }

        private static void record(ByteBuffer out, int priority, int port) {
            byte[] host = "host".getBytes(StandardCharsets.US_ASCII);
            out.putShort((short) 0xc00c).putShort((short) 33).putShort((short) 1).putInt(1);
            out.putShort((short) (6 + host.length + 2));
            out.putShort((short) priority).putShort((short) 1).putShort((short) port);
            out.put((byte) host.length).put(host).put((byte) 0);
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
