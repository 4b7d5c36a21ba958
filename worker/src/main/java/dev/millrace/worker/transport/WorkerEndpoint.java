package dev.millrace.worker.transport;

import dev.millrace.worker.EngineOpener;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker's socket: lets one server in, that with the secret, and serves it until it leaves.
/// *Thread-safe.*
public final class WorkerEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerEndpoint.class);

    private final byte[] secret;
    private final EngineOpener opener;
    private final LongSupplier residentBytes;
    private final ServerSocketChannel server;
    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService loop = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("worker-io").factory());

    private WorkerEndpoint(ServerSocketChannel server, String secret, EngineOpener opener, LongSupplier residentBytes) {
        this.server = server;
        this.secret = secret.getBytes(StandardCharsets.UTF_8);
        this.opener = opener;
        this.residentBytes = residentBytes;
    }

    /// Listens on `socket`, which must not exist and lie in a directory that is ours alone.
    ///
    /// @param secret what the server must show
    /// @param residentBytes memory of this process, 0 if unknown
    public static WorkerEndpoint listen(Path socket, String secret, EngineOpener opener, LongSupplier residentBytes)
            throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            server.close();
            throw e;
        }
        WorkerEndpoint endpoint = new WorkerEndpoint(server, secret, opener, residentBytes);
        Thread.ofPlatform().daemon().name("worker-accept").start(endpoint::accept);
        return endpoint;
    }

    /// Waits until the server has ended its session.
    public void awaitEnd() throws InterruptedException {
        over.await();
    }

    @Override
    public void close() throws IOException {
        over.countDown();
        server.close();
        loop.shutdown();
    }

    /// Lets in whoever knows the secret first, and nobody after that.
    private void accept() {
        try {
            while (over.getCount() > 0) {
                FrameChannel channel = new FrameChannel(server.accept());
                if (knows(channel)) {
                    server.close();
                    serve(channel);
                } else {
                    channel.close();
                }
            }
        } catch (IOException | RejectedExecutionException e) {
            // The other end was closed, or this one.
            LOG.debug("event=session_ended", e);
        } finally {
            over.countDown();
        }
    }

    private boolean knows(FrameChannel channel) {
        try {
            Frame shown = channel.read(secret.length);
            return shown != null && MessageDigest.isEqual(secret, Arrays.copyOf(shown.bytes(), shown.length()));
        } catch (IOException | BrokenFrameException e) {
            return false;
        }
    }

    private void serve(FrameChannel channel) throws IOException {
        WorkerSession session = new WorkerSession(loop, opener, residentBytes, frame -> send(channel, frame));
        try (channel) {
            for (Frame frame = channel.read(Frame.MAX_BYTES); frame != null; frame = channel.read(Frame.MAX_BYTES)) {
                Frame received = frame;
                loop.execute(() -> obey(received, session, channel));
            }
        } catch (BrokenFrameException e) {
            LOG.error("event=broken_frame reason=\"{}\"", e.getMessage());
        } finally {
            loop.execute(session::end);
        }
    }

    private static void obey(Frame commands, WorkerSession session, FrameChannel channel) {
        try {
            Commands.read(commands, session);
        } catch (BrokenFrameException e) {
            LOG.error("event=broken_frame reason=\"{}\"", e.getMessage());
            hangUp(channel);
        }
    }

    private static void send(FrameChannel channel, Frame frame) {
        try {
            channel.write(frame);
        } catch (IOException e) {
            // The server has gone, of which the reading thread learns too.
            LOG.debug("event=session_ended", e);
            hangUp(channel);
        }
    }

    private static void hangUp(FrameChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("event=session_close", e);
        }
    }
}
