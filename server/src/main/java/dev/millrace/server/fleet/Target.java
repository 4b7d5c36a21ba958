package dev.millrace.server.fleet;

import dev.millrace.gateway.fleet.EndpointId;
import dev.millrace.server.upstream.EndpointPool;

/// An endpoint that can be sent to. *Thread-safe.*
public final class Target {
    private final EndpointId id;
    private final EndpointPool pool;
    private volatile Quirks quirks;

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
