package dev.millrace.testing.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.http.RawHttp.Ending;
import dev.millrace.testing.net.LoopbackListener;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Sends back what it is sent, and remembers how its connections ended. Resets behind the text `!reset`, which it
/// keeps. *Thread-safe.*
final class EchoServer implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(5);

    private static final String RESET = "!reset";

    private final LinkedBlockingQueue<Ending> endings = new LinkedBlockingQueue<>(10_000);
    private final LoopbackListener listener = LoopbackListener.start("echo", (socket, index) -> sendBack(socket));

    int port() {
        return listener.port();
    }

    int accepted() {
        return listener.accepted();
    }

    void down() {
        listener.down();
    }

    /// How many ends nobody asked for yet.
    int endings() {
        return endings.size();
    }

    /// How the next connection ends, by whose doing ever; waits for it.
    Ending awaitEnding() throws InterruptedException {
        Ending ending = endings.poll(SOON.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(ending).as("how the server's connection ended").isNotNull();
        return ending;
    }

    private void sendBack(Socket socket) throws IOException {
        byte[] buffer = new byte[8_192];
        Ending ending = Ending.FIN;
        try {
            for (int n = socket.getInputStream().read(buffer);
                    n >= 0;
                    n = socket.getInputStream().read(buffer)) {
                String text = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
                boolean resets = text.endsWith(RESET);
                socket.getOutputStream().write(buffer, 0, resets ? n - RESET.length() : n);
                if (resets) {
                    // What was sent is to arrive before the reset.
                    LockSupport.parkNanos(20_000_000);
                    socket.setSoLinger(true, 0);
                    return;
                }
            }
        } catch (SocketException e) {
            ending = Ending.RESET;
        }
        endings.add(ending);
    }

    @Override
    public void close() {
        listener.close();
    }
}
