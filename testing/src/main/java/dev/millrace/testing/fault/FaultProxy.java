package dev.millrace.testing.fault;

import dev.millrace.core.time.NanoClock;
import dev.millrace.testing.net.LoopbackListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/// A TCP proxy on 127.0.0.1 that breaks things between a client and an upstream. Left alone it passes on every byte,
/// every close in order and every reset. What it does by chance follows from the seed, the connection's index and the
/// direction. Closing ends every thread and socket. *Thread-safe.*
///
/// ```java
/// try (FaultProxy proxy = FaultProxy.start(upstream.port(), 7)) {
///     proxy.behaveFrom(index -> index == 0
///             ? Behaviour.none().toClient(link -> link.slice(1).resetAfter(120))
///             : Behaviour.none());
///     // ... call 127.0.0.1:proxy.port()
/// }
/// ```
public final class FaultProxy implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final long PATIENCE_SECONDS = 10;
    private static final long PAUSE_NANOS = 1_000_000;

    private final InetSocketAddress upstream;
    private final long seed;
    private final ExecutorService threads;
    private final Set<Bridge> bridges = ConcurrentHashMap.newKeySet();
    private final Gate gate = new Gate();
    private final ReplySwap swap = new ReplySwap();
    private final AtomicLong bytesToUpstream = new AtomicLong();
    private final AtomicLong bytesToClient = new AtomicLong();
    private final LoopbackListener listener;
    private volatile IntFunction<Behaviour> behaviours = index -> Behaviour.none();

    private FaultProxy(InetSocketAddress upstream, long seed) {
        this.upstream = upstream;
        this.seed = seed;
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("fault-pump-", 0).factory());
        listener = LoopbackListener.start("fault", this::serve);
    }

    /// Starts on a free port of 127.0.0.1.
    public static FaultProxy start(InetSocketAddress upstream, long seed) {
        return new FaultProxy(upstream, seed);
    }

    /// Starts in front of a port of 127.0.0.1.
    public static FaultProxy start(int upstreamPort, long seed) {
        return start(new InetSocketAddress(InetAddress.getLoopbackAddress(), upstreamPort), seed);
    }

    /// Where it listens.
    public int port() {
        return listener.port();
    }

    /// Behaves so on connections that are opened from now on.
    public void behave(Behaviour behaviour) {
        behaveFrom(index -> behaviour);
    }

    /// Behaves on each connection opened from now on as its index says: how many were accepted before, from the
    /// proxy's start on.
    public void behaveFrom(IntFunction<Behaviour> byConnectionIndex) {
        behaviours = byConnectionIndex;
    }

    /// Exchanges the next replies of the next two connections on which the upstream sends something; connections that
    /// are open already count too. A reply that finds no other within ten seconds goes to its own client.
    ///
    /// @param quiet a reply is what comes until the upstream sends nothing for so long, 256 KiB at most
    public void swapNextReplies(Duration quiet) {
        swap.arm(Math.clamp(quiet.toMillis(), 1, Integer.MAX_VALUE));
    }

    /// Replies that went to another client than their own.
    public int swapped() {
        return swap.swapped();
    }

    /// Refuses connects from now on, and keeps the port; open connections go on.
    public void down() {
        listener.down();
    }

    /// Listens again.
    public void up() {
        listener.up();
    }

    /// Closes every open connection in order.
    public void cutAll() {
        bridges.forEach(Bridge::cut);
    }

    /// Resets every open connection.
    public void resetAll() {
        bridges.forEach(Bridge::reset);
    }

    /// Lets nothing pass any more on any connection, also of those to come.
    public void stallAll() {
        gate.shut();
    }

    /// Lets pass what was held back, and all that follows.
    public void resumeAll() {
        gate.open();
    }

    /// Connections accepted so far, those that were reset at once among them.
    public int accepted() {
        return listener.accepted();
    }

    /// Connections open now.
    public int open() {
        return listener.open();
    }

    /// Waits until so many connections are open.
    ///
    /// @throws AssertionError if it is another number behind the limit
    public void awaitOpen(int connections, Duration limit) {
        long deadline = NanoClock.SYSTEM.nanoTime() + limit.toNanos();
        while (open() != connections) {
            if (NanoClock.SYSTEM.nanoTime() > deadline) {
                throw new AssertionError("open: " + open() + " (expected: " + connections + ") for " + limit);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /// Bytes passed on to the upstream, the ones on their way included.
    public long bytesToUpstream() {
        return bytesToUpstream.get();
    }

    /// Bytes passed on to clients, the ones on their way included.
    public long bytesToClient() {
        return bytesToClient.get();
    }

    private void serve(Socket client, int index) throws IOException {
        Behaviour behaviour = behaviours.apply(index);
        try (Socket server = new Socket()) {
            Bridge bridge = new Bridge(client, server, gate, threads);
            bridges.add(bridge);
            try {
                switch (behaviour.arrival()) {
                    case JOIN -> join(client, server, bridge, behaviour, index);
                    case REFUSE -> bridge.reset();
                    case BLACK_HOLE -> bridge.awaitLeaving();
                }
            } finally {
                bridges.remove(bridge);
            }
        }
    }

    private void join(Socket client, Socket server, Bridge bridge, Behaviour behaviour, int index) throws IOException {
        try {
            server.connect(upstream, CONNECT_MILLIS);
            server.setTcpNoDelay(true);
        } catch (IOException e) {
            // The nearest a proxy comes to a refused connect.
            bridge.reset();
            return;
        }
        Link up = behaviour.toUpstream();
        Link down = behaviour.toClient();
        Pump toUpstream = new Pump(
                bridge,
                client,
                server,
                new Pump.Course(up.limit(), gate, null, bytesToUpstream),
                new Timetable(up, random(index, 0)));
        Pump toClient = new Pump(
                bridge,
                server,
                client,
                new Pump.Course(down.limit(), gate, swap, bytesToClient),
                new Timetable(down, random(index, 1)));
        threads.execute(toClient::run);
        toUpstream.run();
        bridge.awaitPumps();
    }

    private SplittableRandom random(int index, int direction) {
        return new SplittableRandom(seed * 1_000_003 + index * 2L + direction);
    }

    @Override
    public void close() {
        bridges.forEach(Bridge::close);
        listener.close();
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("pumps of port " + port() + " did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
