package dev.millrace.testing.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.http.RawHttp;
import dev.millrace.testing.http.RawHttp.Ending;
import dev.millrace.testing.http.RawHttp.Rest;
import dev.millrace.testing.net.OpenHandles;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a proxy does as a whole, between clients and a server that sends back what it is sent.
@Timeout(30)
class FaultProxyIT {
    private static final String TEXT = "0123456789abcdefghijklmnopqrstuvwxyz";

    private final EchoServer echo = new EchoServer();
    private final FaultProxy proxy = FaultProxy.start(echo.port(), 42);

    @AfterEach
    void stop() {
        proxy.close();
        echo.close();
    }

    @Test
    void leftAloneItPassesOnEveryByteAndBothKindsOfEnd() throws Exception {
        byte[] sent = new byte[1 << 20];
        new SplittableRandom(1).nextBytes(sent);
        RawHttp client = RawHttp.connect(proxy.port());

        Thread writer = Thread.ofVirtual().start(() -> write(client, sent));
        byte[] received = client.exactly(sent.length);
        writer.join();

        assertThat(Arrays.equals(received, sent)).isTrue();
        assertThat(proxy.bytesToUpstream()).isEqualTo(sent.length);
        assertThat(proxy.bytesToClient()).isEqualTo(sent.length);
        assertThat(proxy.open()).isEqualTo(1);
        client.socket().shutdownOutput();
        assertThat(client.rest().ending()).isEqualTo(Ending.FIN);
        assertThat(echo.awaitEnding()).isEqualTo(Ending.FIN);
        RawHttp resetting = RawHttp.connect(proxy.port());
        resetting.send("x").exactly(1);
        resetting.reset();
        assertThat(echo.awaitEnding()).isEqualTo(Ending.RESET);
        proxy.awaitOpen(0, EchoServer.SOON);
        assertThat(proxy.accepted()).isEqualTo(2);
    }

    @Test
    void aResetOfTheServerReachesTheClient() throws IOException {
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            assertThat(client.send(TEXT + "!reset").rest()).isEqualTo(new Rest(TEXT, Ending.RESET));
        }
    }

    @Test
    void withoutAServerTheClientIsReset() throws IOException {
        echo.down();
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            assertThat(client.rest()).isEqualTo(new Rest("", Ending.RESET));
        }
    }

    @Test
    void refusingResetsAndRecovers() throws IOException {
        proxy.behaveFrom(index -> index == 0 ? Behaviour.refuse() : Behaviour.none());
        try (RawHttp refused = RawHttp.connect(proxy.port())) {
            assertThat(refused.rest()).isEqualTo(new Rest("", Ending.RESET));
        }
        try (RawHttp served = RawHttp.connect(proxy.port())) {
            assertThat(text(served.send("hello").exactly(5))).isEqualTo("hello");
        }
        assertThat(echo.accepted()).isEqualTo(1);
    }

    @Test
    void downRefusesConnectsAndUpTakesThePortAgain() throws IOException {
        for (int round = 0; round < 20; round++) {
            proxy.down();
            assertThatThrownBy(() -> RawHttp.connect(proxy.port())).isInstanceOf(ConnectException.class);
            proxy.up();
            try (RawHttp client = RawHttp.connect(proxy.port())) {
                assertThat(text(client.send("hello").exactly(5))).isEqualTo("hello");
            }
        }
    }

    @Test
    void aBlackHoleTakesEverythingAndGivesNothing() throws IOException {
        proxy.behave(Behaviour.blackHole());
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            assertThat(client.send(TEXT).silentFor(30)).isTrue();
            assertThat(echo.accepted()).isZero();
            assertThat(proxy.bytesToUpstream()).isZero();
        }
        proxy.resetAll();
        proxy.awaitOpen(0, EchoServer.SOON);
    }

    @Test
    void stallingAllHoldsBytesBackAndResumingLetsThemPass() throws IOException {
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            client.send("a").exactly(1);

            proxy.stallAll();

            assertThat(client.send("bcd").silentFor(30)).isTrue();
            proxy.resumeAll();
            assertThat(text(client.exactly(3))).isEqualTo("bcd");
        }
    }

    @Test
    void allConnectionsCanBeCutOrReset() throws Exception {
        try (RawHttp cut = RawHttp.connect(proxy.port())) {
            cut.send("a").exactly(1);
            proxy.cutAll();
            assertThat(cut.rest().ending()).isEqualTo(Ending.FIN);
            assertThat(echo.awaitEnding()).isEqualTo(Ending.FIN);
        }
        try (RawHttp reset = RawHttp.connect(proxy.port())) {
            reset.send("a").exactly(1);
            proxy.stallAll();
            reset.send("b");
            proxy.resetAll();
            assertThat(reset.rest()).isEqualTo(new Rest("", Ending.RESET));
            assertThat(echo.awaitEnding()).isEqualTo(Ending.RESET);
        }
        proxy.awaitOpen(0, EchoServer.SOON);
    }

    @Test
    void aBehaviourHoldsForConnectionsOpenedFromThenOn() throws IOException {
        try (RawHttp earlier = RawHttp.connect(proxy.port())) {
            earlier.send("a").exactly(1);

            proxy.behave(Behaviour.none().toClient(link -> link.cutAfter(0)));

            assertThat(text(earlier.send("b").exactly(1))).isEqualTo("b");
            assertThat(restOf(TEXT)).isEqualTo(new Rest("", Ending.FIN));
        }
    }

    @Test
    void closingLeavesNoThreadAndNoHandleBehind() throws IOException {
        useAndClose();
        OpenHandles before = OpenHandles.now();

        for (int round = 0; round < 20; round++) {
            useAndClose();
        }

        before.awaitNoMore(EchoServer.SOON);
    }

    private void useAndClose() throws IOException {
        try (FaultProxy used = FaultProxy.start(echo.port(), 1)) {
            used.behaveFrom(index -> switch (index) {
                case 0 -> Behaviour.blackHole();
                case 1 -> Behaviour.none().toClient(link -> link.stallAfter(1));
                case 2 -> Behaviour.none().toClient(link -> link.latency(Duration.ofSeconds(30)));
                case 3 -> Behaviour.none().toClient(link -> link.cutAfter(1));
                default -> Behaviour.none();
            });
            try (RawHttp hole = RawHttp.connect(used.port());
                    RawHttp stalled = RawHttp.connect(used.port());
                    RawHttp late = RawHttp.connect(used.port());
                    RawHttp cut = RawHttp.connect(used.port());
                    RawHttp plain = RawHttp.connect(used.port())) {
                hole.send("x");
                late.send("x");
                stalled.send("xy").exactly(1);
                cut.send("xy").exactly(1);
                plain.send("xy").exactly(2);
            }
        }
    }

    private Rest restOf(String text) throws IOException {
        try (RawHttp client = RawHttp.connect(proxy.port())) {
            return client.send(text).rest();
        }
    }

    private static void write(RawHttp client, byte[] bytes) {
        try {
            client.socket().getOutputStream().write(bytes);
        } catch (IOException e) {
            // The reader sees it too.
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
