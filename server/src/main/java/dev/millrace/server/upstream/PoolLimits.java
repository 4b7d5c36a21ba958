package dev.millrace.server.upstream;

import dev.millrace.server.config.GatewayConfig.PoolConfig;

/// Bounds of the connections to one endpoint. *Immutable.*
///
/// @param size most at once, over all event loops
/// @param ready how many are opened before anybody asks
record PoolLimits(int size, int ready, long acquireNanos, long idleNanos, long ageNanos, int connectMillis) {
    /// @param idleNanos what was found right for the kind of server where the configuration says nothing
    static PoolLimits of(PoolConfig config, long idleNanos) {
        return new PoolLimits(
                config.size(),
                config.ready(),
                config.acquire().toNanos(),
                config.idle().isZero() ? idleNanos : config.idle().toNanos(),
                config.age().toNanos(),
                Math.toIntExact(config.connect().toMillis()));
    }
}
