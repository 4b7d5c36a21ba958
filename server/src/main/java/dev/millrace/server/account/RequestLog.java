package dev.millrace.server.account;

import dev.millrace.server.config.LogConfig;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One line per request, written by a thread of its own that looks into a bounded queue a few times a second: an
/// event loop never waits for a log, nor pays for waking its writer. What does not fit is counted, and the count is
/// logged. *Thread-safe.*
public final class RequestLog implements CallSink, AutoCloseable {
    /// The logger's name, so that its lines can be sent elsewhere.
    public static final String LOGGER_NAME = "millrace.requests";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER_NAME);
    private static final int CAPACITY = 32_768;
    private static final long LOOK_MILLIS = 50;

    private final ConcurrentLinkedQueue<CallSummary> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final LogConfig.Requests which;
    private final ScheduledExecutorService writer;

    /// @param writer a single thread for this log; shut down by [#close]
    public RequestLog(LogConfig.Requests which, ScheduledExecutorService writer) {
        this.which = which;
        this.writer = writer;
        if (which != LogConfig.Requests.NONE) {
            var _ = writer.scheduleWithFixedDelay(this::writeAll, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void ended(CallSummary call) {
        boolean wanted = switch (which) {
            case ALL -> true;
            case FAILED -> call.error() != null;
            case NONE -> false;
        };
        if (!wanted) {
            return;
        }
        if (waiting.get() >= CAPACITY) {
            dropped.incrementAndGet();
            return;
        }
        waiting.incrementAndGet();
        queue.add(call);
    }

    /// Lines that did not fit into the queue, since the start.
    public long dropped() {
        return dropped.get();
    }

    private void writeAll() {
        // An exception would end the periodic task; the logger does not throw.
        for (CallSummary call = queue.poll(); call != null; call = queue.poll()) {
            waiting.decrementAndGet();
            if (LOG.isInfoEnabled()) {
                LOG.info(RequestLine.of(call));
            }
        }
    }

    /// Writes what is left, for at most a second.
    @Override
    public void close() {
        writer.execute(this::writeAll);
        writer.shutdown();
        try {
            if (!writer.awaitTermination(1, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            writer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
