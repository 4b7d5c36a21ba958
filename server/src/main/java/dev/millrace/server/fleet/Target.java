package dev.millrace.server.fleet;

import dev.millrace.gateway.fleet.EndpointId;
import dev.millrace.server.upstream.EndpointPool;
import java.util.concurrent.atomic.AtomicInteger;

/// An endpoint that can be sent to. *Thread-safe.*
public final class Target {
    private final EndpointId id;
    private final EndpointPool pool;
    private volatile Quirks quirks;
    private final AtomicInteger streams = new AtomicInteger();
    private volatile long lastSignNanos;

    Target(EndpointId id, EndpointPool pool, Quirks quirks) {
        this.id = id;
        this.pool = pool;
        this.quirks = quirks;
    }

    /// Which one it is.
    public EndpointId id() {
        return id;
    }

    /// The connections to it.
    public EndpointPool pool() {
        return pool;
    }

    /// What is known of its kind.
    public Quirks quirks() {
        return quirks;
    }

    /// A stream has begun to show content: from now on there should be more.
    public void streamBegan(long nowNanos) {
        streams.incrementAndGet();
        lastSignNanos = nowNanos;
    }

    /// Something more of a stream came.
    public void goesOn(long nowNanos) {
        lastSignNanos = nowNanos;
    }

    /// Such a stream is over.
    public void streamEnded() {
        streams.decrementAndGet();
    }

    /// True if streams are under way and none of them has got anything for that long: whatever its health page says, it does
    /// not get on.
    boolean isStalled(long nowNanos, long limitNanos) {
        return streams.get() > 0 && nowNanos - lastSignNanos > limitNanos;
    }

    /// It refused a request for the wish for usage in it.
    public void refusesUsage() {
        quirks = quirks.withoutUsage();
    }

    void learn(Quirks found) {
        if (found.kind() != quirks.kind()) {
            quirks = found;
            pool.idleFor(found.idleNanos());
        }
    }
}
