package dev.millrace.server.upstream;

import dev.millrace.server.config.GatewayConfig.PoolConfig;

/// The connections to one endpoint, over all event loops. *Thread-safe.*
public final class EndpointPool {
    private final Address address;
    private final PoolConfig config;
    private final PoolShare share;
    private volatile PoolLimits limits;
    private volatile boolean retired;

    /// @param idleNanos how long an idle connection is kept where the configuration says nothing
    public EndpointPool(Address address, PoolConfig config, long idleNanos) {
        this.address = address;
        this.config = config;
        this.limits = PoolLimits.of(config, idleNanos);
        this.share = new PoolShare(config.size());
    }

    /// Where it is.
    public Address address() {
        return address;
    }

    /// Its state now.
    public PoolCounts counts() {
        return share.counts();
    }

    /// It has become known how long that kind of server keeps idle connections.
    public void idleFor(long idleNanos) {
        limits = PoolLimits.of(config, idleNanos);
    }

    /// The endpoint is gone: no new requests, and its connections are closed as they become idle.
    public void retire() {
        retired = true;
    }

    boolean isRetired() {
        return retired;
    }

    PoolLimits limits() {
        return limits;
    }

    PoolShare share() {
        return share;
    }
}
