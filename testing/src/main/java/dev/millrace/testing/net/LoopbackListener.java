package dev.millrace.testing.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Listens on a free port of 127.0.0.1, serves each connection on a virtual thread of its own, and can go down and
/// come up again on the same port. Closing ends every thread and socket. *Thread-safe.*
public final class LoopbackListener implements AutoCloseable {
    private static final int BACKLOG = 1_024;
    private static final long PATIENCE_SECONDS = 10;

    private final Server server;

    // Bound and never listening: while the listener is down, connections are refused and nobody else gets the port.
    private final Socket reservation = new Socket();
    private final ExecutorService threads;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final int port;
    private volatile boolean closed;
    private @Nullable ServerSocket listener; // guarded by this
    private CountDownLatch acceptorEnded = new CountDownLatch(0); // guarded by this

    private LoopbackListener(String name, Server server) throws IOException {
        this.server = server;
        reservation.setReuseAddress(true);
        reservation.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        port = reservation.getLocalPort();
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(name + "-" + port + "-", 0).factory());
    }

    /// Serves one connection; the socket is closed when it returns, and closed under it when the listener closes.
    @FunctionalInterface
    public interface Server {
        /// @param index how many connections were accepted before
        /// @throws IOException ends the connection; nobody is told
        void serve(Socket socket, int index) throws IOException;
    }

    /// Starts to listen.
    ///
    /// @param name what the threads are named after
    public static LoopbackListener start(String name, Server server) {
        try {
            LoopbackListener listener = new LoopbackListener(name, server);
            listener.up();
            return listener;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where it listens, also after it was down.
    public int port() {
        return port;
    }

    /// Connections accepted so far.
    public int accepted() {
        return accepted.get();
    }

    /// Connections that are served now.
    public int open() {
        return open.size();
    }

    /// Listens again after [#down()]; nothing happens if it is up.
    public synchronized void up() {
        if (closed) {
            throw new IllegalStateException("the listener is closed");
        }
        if (listener != null) {
            return;
        }
        try {
            ServerSocket fresh = new ServerSocket();
            fresh.setReuseAddress(true);
            fresh.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
            listener = fresh;
            CountDownLatch ended = new CountDownLatch(1);
            acceptorEnded = ended;
            threads.execute(() -> {
                acceptFrom(fresh);
                ended.countDown();
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Refuses new connections from now on; those that are open stay so.
    public synchronized void down() {
        if (listener != null) {
            closeQuietly(listener);
            listener = null;
            awaitAcceptor();
        }
    }

    // While a virtual thread waits in accept, close only wakes it: the socket listens on until that thread has left.
    private void awaitAcceptor() {
        try {
            if (!acceptorEnded.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("port " + port + " still listens");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Closes every open connection, wherever its thread is.
    public void closeConnections() {
        open.forEach(LoopbackListener::closeQuietly);
    }

    private void acceptFrom(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                hand(from.accept());
            } catch (IOException e) {
                if (!from.isClosed()) {
                    // No file handle is left: a turn without a pause would take the whole core.
                    LockSupport.parkNanos(1_000_000);
                }
            }
        }
    }

    private void hand(Socket socket) {
        open.add(socket);
        int index = accepted.getAndIncrement();
        try {
            threads.execute(() -> serve(socket, index));
        } catch (RejectedExecutionException e) {
            closeQuietly(socket);
            open.remove(socket);
        }
    }

    private void serve(Socket socket, int index) {
        try (socket) {
            if (!closed) {
                socket.setTcpNoDelay(true);
                server.serve(socket, index);
            }
        } catch (IOException e) {
            // The connection is over, for whichever of the two sides ended it.
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() {
        closed = true;
        down();
        closeQuietly(reservation);
        closeConnections();
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("threads of port " + port + " did not end: " + threads);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            // It is closed, which is all that was asked for.
        }
    }
}
