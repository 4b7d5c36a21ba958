package dev.millrace.models.download;

import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/// Tells work to end, and closes the sockets it waits on, so that it does at once. *Thread-safe.*
final class StopSignal implements Closeable {
    private final CountDownLatch stopped = new CountDownLatch(1);
    // One entry per open connection and per running file: as many as there are parts.
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();

    /// Closes `resource` when the signal comes; at once if it came already.
    void attach(Closeable resource) {
        open.add(resource);
        if (isStopped()) {
            closeQuietly(resource);
        }
    }

    void detach(Closeable resource) {
        open.remove(resource);
    }

    void stop() {
        stopped.countDown();
        open.forEach(StopSignal::closeQuietly);
    }

    boolean isStopped() {
        return stopped.getCount() == 0;
    }

    CountDownLatch latch() {
        return stopped;
    }

    /// Ends the work here if the signal came.
    void check() throws PullException {
        if (isStopped()) {
            throw new PullException(PullError.INTERRUPTED, "stopped");
        }
    }

    @Override
    public void close() {
        stop();
    }

    private static void closeQuietly(Closeable resource) {
        try {
            resource.close();
        } catch (IOException e) {
            // It is thrown away: the peer may see a reset instead of an end.
        }
    }
}
