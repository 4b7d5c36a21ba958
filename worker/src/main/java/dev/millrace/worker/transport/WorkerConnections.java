package dev.millrace.worker.transport;

import dev.millrace.core.time.NanoClock;
import dev.millrace.worker.LoadListener;
import dev.millrace.worker.LoadOrder;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Connections to all workers of a server, on one event loop. *Thread-safe.*
public final class WorkerConnections implements AutoCloseable {
    private final NanoClock clock;
    private final IoEventLoopGroup group;

    public WorkerConnections(NanoClock clock) {
        this.clock = clock;
        group = new MultiThreadIoEventLoopGroup(
                1, Thread.ofPlatform().daemon().name("workers-io").factory(), EpollIoHandler.newFactory());
    }

    /// Connects to a worker that listens and orders its model. Returns at once; [WorkerEngine#opened] tells
    /// when it is loaded.
    ///
    /// @param secret what the worker was started with
    public WorkerEngine open(Path socket, String secret, LoadOrder order, LoadListener listener) {
        EventLoop loop = (EventLoop) group.next();
        ManagedChannel channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString()))
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                .eventLoopGroup(loop)
                .directExecutor()
                .usePlaintext()
                .overrideAuthority("worker")
                .disableServiceConfigLookUp()
                .disableRetry()
                .maxInboundMessageSize(Frame.MAX_BYTES)
                .build();
        WorkerEngine engine = new WorkerEngine(loop, clock, listener);
        engine.lost().whenComplete((reason, _) -> channel.shutdownNow());
        engine.open(channel.newCall(SessionMethod.SESSION, CallOptions.DEFAULT), secret, order);
        return engine;
    }

    @Override
    public void close() {
        var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
