package dev.millrace.testing.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.time.NanoClock;
import dev.millrace.testing.http.RawHttp;
import dev.millrace.testing.http.RawHttp.Ending;
import dev.millrace.testing.http.RawHttp.Rest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What happens to the bytes of one connection.
@Timeout(30)
class LinkFaultsIT {
    private static final String TEXT = "0123456789abcdefghijklmnopqrstuvwxyz";

    private final EchoServer echo = new EchoServer();
    private final FaultProxy proxy = FaultProxy.start(echo.port(), 42);

    @AfterEach
    void stop() {
        proxy.close();
        echo.close();
    }

    @Test
    void slicingChangesNoByte() throws IOException {
        String text = TEXT.repeat(20);
        Duration gap = Duration.ofNanos(20_000);
        for (UnaryOperator<Link> slicing : Arrays.<UnaryOperator<Link>>asList(
                link -> link.slice(1, gap),
                link -> link.slice(7),
                link -> link.sliceByChance(5, gap),
                link -> link.splitAt(gap, 1, 36, 719))) {
            proxy.behave(Behaviour.none().toClient(slicing).toUpstream(slicing));
            try (RawHttp client = RawHttp.connect(proxy.port())) {
                assertThat(text(client.send(text).exactly(text.length()))).isEqualTo(text);
            }
        }
    }

    @Test
    void aReaderMeetsTheCutWhereItWasAskedFor() throws IOException {
        Duration gap = Duration.ofMillis(300);
        proxy.behaveFrom(index ->
                Behaviour.none().toClient(index == 0 ? link -> link.splitAt(gap, 5) : link -> link.slice(1, gap)));

        assertThat(firstRead()).isEqualTo(5);
        assertThat(firstRead()).isEqualTo(1);
    }

    @Test
    void latencyDelaysWithoutNarrowing() throws IOException {
        proxy.behave(Behaviour.none()
                .toClient(link -> link.latency(Duration.ofMillis(100)).jitter(Duration.ofMillis(5))));
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            long from = NanoClock.SYSTEM.nanoTime();

            for (int i = 0; i < TEXT.length(); i++) {
                client.send(TEXT.substring(i, i + 1));
                LockSupport.parkNanos(1_000_000);
            }
            byte[] received = client.exactly(TEXT.length());

            long millis = (NanoClock.SYSTEM.nanoTime() - from) / 1_000_000;
            assertThat(text(received)).isEqualTo(TEXT);
            // Delays that added up would take 36 times as long.
            assertThat(millis).isBetween(100L, 36 * 100L / 2);
        }
    }

    @Test
    void bandwidthIsLimited() throws IOException {
        proxy.behave(Behaviour.none().toUpstream(link -> link.bandwidth(100_000)));
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            long from = NanoClock.SYSTEM.nanoTime();

            client.send("x".repeat(20_000)).exactly(20_000);

            assertThat(NanoClock.SYSTEM.nanoTime() - from).isGreaterThan(190_000_000);
        }
    }

    @Test
    void cutAndResetLeaveExactlyTheBytesBeforeThemAtEveryOffset() throws Exception {
        for (int offset = 0; offset <= TEXT.length(); offset++) {
            int bytes = offset;
            proxy.behave(Behaviour.none().toClient(link -> link.cutAfter(bytes)));
            assertThat(restOf(TEXT)).isEqualTo(new Rest(TEXT.substring(0, bytes), Ending.FIN));
            assertThat(echo.awaitEnding()).isEqualTo(Ending.FIN);

            proxy.behave(Behaviour.none().toClient(link -> link.resetAfter(bytes)));
            assertThat(restOf(TEXT)).isEqualTo(new Rest(TEXT.substring(0, bytes), Ending.RESET));
            assertThat(echo.awaitEnding()).isEqualTo(Ending.RESET);
        }
        proxy.awaitOpen(0, EchoServer.SOON);
    }

    @Test
    void whatTheServerIsSentCanBreakOffToo() throws Exception {
        proxy.behave(Behaviour.none().toUpstream(link -> link.cutAfter(3)));
        assertThat(restOf(TEXT).ending()).isEqualTo(Ending.FIN);
        assertThat(echo.awaitEnding()).isEqualTo(Ending.FIN);
        assertThat(proxy.bytesToUpstream()).isEqualTo(3);
    }

    @Test
    void aStallHoldsTheConnectionUntilTheClientLeaves() throws Exception {
        proxy.behave(Behaviour.none().toClient(link -> link.stallAfter(4)));
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            assertThat(text(client.send(TEXT).exactly(4))).isEqualTo("0123");

            assertThat(client.silentFor(30)).isTrue();
            client.send(TEXT);
            assertThat(client.silentFor(10)).isTrue();
            assertThat(proxy.open()).isEqualTo(1);
            assertThat(echo.endings()).isZero();
        }
        assertThat(echo.awaitEnding()).isNotNull();
        proxy.awaitOpen(0, EchoServer.SOON);
    }

    @Test
    void aHalfCloseEndsOneDirectionOnly() throws Exception {
        proxy.behave(Behaviour.none().toClient(link -> link.halfCloseAfter(4)));
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            assertThat(client.send(TEXT).rest()).isEqualTo(new Rest("0123", Ending.FIN));

            client.send(TEXT + TEXT);

            awaitBytesToUpstream(3L * TEXT.length());
            assertThat(echo.endings()).isZero();
        }
        assertThat(echo.awaitEnding()).isEqualTo(Ending.FIN);
    }

    /// How many bytes a reader gets that waits for the first.
    private int firstRead() throws IOException {
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            return client.send(TEXT).socket().getInputStream().read(new byte[100]);
        }
    }

    private Rest restOf(String text) throws IOException {
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            return client.send(text).rest();
        }
    }

    private void awaitBytesToUpstream(long bytes) {
        for (int i = 0; i < 5_000 && proxy.bytesToUpstream() < bytes; i++) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(proxy.bytesToUpstream()).isEqualTo(bytes);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
