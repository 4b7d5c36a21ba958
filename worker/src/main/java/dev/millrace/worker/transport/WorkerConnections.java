package dev.millrace.worker.transport;

import dev.millrace.core.time.NanoClock;
import dev.millrace.worker.LoadListener;
import dev.millrace.worker.LoadOrder;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/// Connections to all workers of a server. *Thread-safe.*
public final class WorkerConnections implements AutoCloseable {
    private final NanoClock clock;
    private final ScheduledExecutorService probes = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("worker-probes").factory());

    public WorkerConnections(NanoClock clock) {
        this.clock = clock;
    }

    /// Connects to a worker that listens and orders its model. Returns at once; [WorkerEngine#opened] tells
    /// when it is loaded.
    ///
    /// @param secret what the worker was started with
    public WorkerEngine open(Path socket, String secret, LoadOrder order, LoadListener listener) {
        WorkerEngine engine = new WorkerEngine(clock, listener);
        try {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            engine.open(new FrameChannel(channel), probes, secret, order);
        } catch (IOException e) {
            engine.lose("cannot connect to the worker: " + e.getMessage());
        }
        return engine;
    }

    @Override
    public void close() {
        probes.shutdownNow();
    }
}
