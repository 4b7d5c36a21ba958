package dev.millrace.testing.fault;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/// The two sockets of one connection through the proxy and how they end. *Thread-safe.*
final class Bridge {
    // A side that does not answer a close in order within this time has its socket closed all the same.
    private static final Duration LINGER = Duration.ofSeconds(1);
    private static final int DIRECTIONS = 2;

    private final Socket client;
    private final Socket upstream;
    private final Gate gate;
    private final ExecutorService threads;
    private final CountDownLatch leaving = new CountDownLatch(1);
    private final CountDownLatch pumpsEnded = new CountDownLatch(DIRECTIONS);
    private volatile boolean cut;
    private int stalled; // guarded by this
    private int ended; // guarded by this

    Bridge(Socket client, Socket upstream, Gate gate, ExecutorService threads) {
        this.client = client;
        this.upstream = upstream;
        this.gate = gate;
        this.threads = threads;
    }

    /// Whether nothing may pass any more.
    boolean isLeaving() {
        return leaving.getCount() == 0;
    }

    /// Whether it ends in order, so that what still comes is to be read and forgotten.
    boolean isCut() {
        return cut;
    }

    /// Waits so long, or until the connection ends.
    void await(long nanos) throws InterruptedIOException {
        await(leaving, nanos);
    }

    /// Waits until the connection ends.
    void awaitLeaving() throws InterruptedIOException {
        await(leaving, Long.MAX_VALUE);
    }

    /// Waits until both directions ended.
    void awaitPumps() throws InterruptedIOException {
        await(pumpsEnded, Long.MAX_VALUE);
    }

    /// A direction lets nothing pass any more but keeps the connection.
    void stall() throws InterruptedIOException {
        synchronized (this) {
            stalled++;
        }
        closeIfNothingMoves();
        awaitLeaving();
    }

    /// A direction came to its end.
    void pumpEnded() {
        synchronized (this) {
            ended++;
        }
        pumpsEnded.countDown();
        closeIfNothingMoves();
    }

    private void closeIfNothingMoves() {
        boolean still;
        synchronized (this) {
            still = stalled > 0 && ended > 0;
        }
        if (still) {
            close();
        }
    }

    /// Ends in order: both sides see the end of the stream, then have a moment to close.
    void cut() {
        if (isLeaving()) {
            return;
        }
        cut = true;
        leave();
        quietly(client::shutdownOutput);
        quietly(upstream::shutdownOutput);
        try {
            threads.execute(this::closeSoon);
        } catch (RejectedExecutionException e) {
            close();
        }
    }

    private void closeSoon() {
        try {
            await(pumpsEnded, LINGER.toNanos());
        } catch (InterruptedIOException e) {
            // The proxy closes.
        }
        close();
    }

    /// Ends by a reset of both sides.
    void reset() {
        quietly(() -> client.setSoLinger(true, 0));
        quietly(() -> upstream.setSoLinger(true, 0));
        close();
    }

    /// Ends at once.
    void close() {
        leave();
        quietly(client::close);
        quietly(upstream::close);
    }

    private void leave() {
        leaving.countDown();
        gate.wake();
    }

    private static boolean await(CountDownLatch latch, long nanos) throws InterruptedIOException {
        try {
            return latch.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the proxy closes");
        }
    }

    private static void quietly(Action action) {
        try {
            action.run();
        } catch (IOException e) {
            // The socket is closed already, which is where this leads anyway.
        }
    }

    private interface Action {
        void run() throws IOException;
    }
}
