package dev.millrace.server.http;

import dev.millrace.server.loop.DeadlineList;
import dev.millrace.server.loop.Deadlined;
import io.vertx.core.http.HttpServerRequest;

/// Throws away the rest of a request that was answered before it was read to its end. A large one ends its
/// connection, but not at once: that would reset it, and the client would lose the answer. *Confined to its event
/// loop.*
final class LingeringClose extends Deadlined {
    private static final long LINGER_NANOS = 1_000_000_000;

    private final HttpServerRequest request;
    private final boolean keepsConnection;
    private final DeadlineList deadlines;
    private final long startNanos;

    /// @param keepsConnection the connection stays open if the rest arrives in time
    LingeringClose(HttpServerRequest request, boolean keepsConnection, DeadlineList deadlines, long nowNanos) {
        this.request = request;
        this.keepsConnection = keepsConnection;
        this.deadlines = deadlines;
        this.startNanos = nowNanos;
    }

    void start() {
        deadlines.add(this);
        request.handler(chunk -> {});
        request.endHandler(end -> complete());
        request.exceptionHandler(failure -> deadlines.remove(this));
    }

    private void complete() {
        if (keepsConnection) {
            deadlines.remove(this);
        } else {
            close();
        }
    }

    private void close() {
        deadlines.remove(this);
        request.connection().close();
    }

    @Override
    protected void run() {
        // Nothing is posted to a closing connection.
    }

    @Override
    protected void checkDeadlines(long nowNanos) {
        if (nowNanos - startNanos > LINGER_NANOS) {
            close();
        }
    }

    @Override
    protected void shutDown() {
        close();
    }
}
