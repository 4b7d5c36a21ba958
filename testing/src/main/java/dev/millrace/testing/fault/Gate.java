package dev.millrace.testing.fault;

import java.io.InterruptedIOException;

/// What holds back the bytes of all connections of a proxy. *Thread-safe.*
final class Gate {
    private boolean shut; // guarded by this

    synchronized void shut() {
        shut = true;
    }

    synchronized void open() {
        shut = false;
        notifyAll();
    }

    /// Makes those that wait look whether their connection is still there.
    synchronized void wake() {
        notifyAll();
    }

    /// Waits while it is shut and the connection goes on.
    synchronized void pass(Bridge bridge) throws InterruptedIOException {
        try {
            while (shut && !bridge.isLeaving()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the proxy closes");
        }
    }
}
