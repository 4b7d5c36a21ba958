package dev.millrace.server.http;

/// How far the server is on its way down, and where it listens. *Thread-safe.*
public final class StopFlags {
    private volatile boolean stopping;
    private volatile boolean refusing;
    private volatile int port;

    /// Readiness turns false.
    public void stop() {
        stopping = true;
    }

    /// New calls are turned away.
    public void refuse() {
        refusing = true;
    }

    /// True from [#stop] on.
    public boolean isStopping() {
        return stopping;
    }

    /// True from [#refuse] on.
    public boolean isRefusing() {
        return refusing;
    }

    /// The port that is listened on; 0 before.
    public int port() {
        return port;
    }

    void bound(int actualPort) {
        port = actualPort;
    }
}
