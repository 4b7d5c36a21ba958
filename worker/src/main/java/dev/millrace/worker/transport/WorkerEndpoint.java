package dev.millrace.worker.transport;

import dev.millrace.worker.EngineOpener;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/// The worker's socket: lets one server in, that with the secret, and serves it until it leaves.
/// *Thread-safe.*
public final class WorkerEndpoint implements AutoCloseable {
    private final byte[] secret;
    private final EngineOpener opener;
    private final LongSupplier residentBytes;
    private final IoEventLoopGroup group;
    private final EventLoop loop;
    private final AtomicBoolean taken = new AtomicBoolean();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Server server;

    private WorkerEndpoint(Path socket, String secret, EngineOpener opener, LongSupplier residentBytes) {
        this.secret = secret.getBytes(StandardCharsets.UTF_8);
        this.opener = opener;
        this.residentBytes = residentBytes;
        group = new MultiThreadIoEventLoopGroup(
                1, Thread.ofPlatform().daemon().name("worker-io").factory(), EpollIoHandler.newFactory());
        loop = (EventLoop) group.next();
        server = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .directExecutor()
                .maxInboundMessageSize(Frame.MAX_BYTES)
                .addService(ServerServiceDefinition.builder(SessionMethod.SERVICE)
                        .addMethod(SessionMethod.SESSION, new SessionHandler())
                        .build())
                .build();
    }

    /// Listens on `socket`, which must not exist and lie in a directory that is ours alone.
    ///
    /// @param secret what the server must show
    /// @param residentBytes memory of this process, 0 if unknown
    public static WorkerEndpoint listen(Path socket, String secret, EngineOpener opener, LongSupplier residentBytes)
            throws IOException {
        WorkerEndpoint endpoint = new WorkerEndpoint(socket, secret, opener, residentBytes);
        endpoint.server.start();
        return endpoint;
    }

    /// Waits until the server has ended its session.
    public void awaitEnd() throws InterruptedException {
        over.await();
    }

    @Override
    public void close() {
        over.countDown();
        server.shutdownNow();
        var _ = group.shutdownGracefully(0, 0, java.util.concurrent.TimeUnit.SECONDS);
    }

    private boolean knows(Metadata headers) {
        String shown = headers.get(SessionMethod.SECRET);
        return shown != null && MessageDigest.isEqual(secret, shown.getBytes(StandardCharsets.UTF_8));
    }

    private final class SessionHandler implements ServerCallHandler<Frame, Frame> {
        @Override
        public ServerCall.Listener<Frame> startCall(ServerCall<Frame, Frame> call, Metadata headers) {
            if (!knows(headers)) {
                call.close(Status.UNAUTHENTICATED, new Metadata());
                return new ServerCall.Listener<>() {};
            }
            if (!taken.compareAndSet(false, true)) {
                call.close(Status.FAILED_PRECONDITION.withDescription("taken"), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            call.sendHeaders(new Metadata());
            call.request(1);
            return new Session(call);
        }
    }

    private final class Session extends ServerCall.Listener<Frame> {
        private final ServerCall<Frame, Frame> call;
        private final WorkerSession session;

        Session(ServerCall<Frame, Frame> call) {
            this.call = call;
            this.session = new WorkerSession(loop, opener, residentBytes, call::sendMessage);
        }

        @Override
        public void onMessage(Frame frame) {
            Commands.read(frame, session);
            call.request(1);
        }

        @Override
        public void onHalfClose() {
            end();
        }

        @Override
        public void onCancel() {
            end();
        }

        private void end() {
            session.end();
            over.countDown();
        }
    }
}
