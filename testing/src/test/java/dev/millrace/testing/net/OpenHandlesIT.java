package dev.millrace.testing.net;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OpenHandlesIT {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration SOON = Duration.ofSeconds(5);

    @Test
    void aSocketThatStaysOpenIsFoundAndAClosedOneIsNot() throws IOException {
        new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
        OpenHandles before = OpenHandles.now();

        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> before.awaitNoMore(SHORT))
                    .as("port %s", socket.getLocalPort())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("left behind");
        }

        assertThatCode(() -> before.awaitNoMore(SOON)).doesNotThrowAnyException();
    }

    @Test
    void aThreadThatGoesOnIsFoundAndOneThatEndedIsNot() {
        CountDownLatch end = new CountDownLatch(1);
        OpenHandles before = OpenHandles.now();

        // Several, because one of the virtual machine's own may end meanwhile.
        for (int i = 0; i < 5; i++) {
            Thread.ofPlatform().daemon().start(() -> awaitQuietly(end));
        }

        assertThatThrownBy(() -> before.awaitNoMore(SHORT)).isInstanceOf(AssertionError.class);
        end.countDown();
        assertThatCode(() -> before.awaitNoMore(SOON)).doesNotThrowAnyException();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
