package dev.millrace.server.config;

import java.time.Duration;
import java.util.List;

/// How requests reach upstreams. *Immutable.*
///
/// @param replicas how many endpoints serve one model; 0 = all that offer it
/// @param attempts most attempts for one request
/// @param retryBudget retries in percent of the requests
/// @param probeInterval time between two looks at an endpoint
/// @param probeTimeout longest such look
/// @param stallAfter an endpoint none of whose streams has got anything for that long is not well
public record GatewayConfig(
        List<UpstreamConfig> upstreams,
        Policy policy,
        int replicas,
        int attempts,
        int retryBudget,
        Duration probeInterval,
        Duration probeTimeout,
        Duration stallAfter,
        PoolConfig pool) {
    /// How an endpoint is chosen among those that offer the model.
    public enum Policy {
        /// The less loaded of two drawn by chance.
        LEAST_LOAD,
        /// Each in turn, by weight.
        ROUND_ROBIN,
        /// The same one for the same session.
        SESSION,
        /// The one that computed the longest beginning of the prompt before.
        PREFIX
    }

    /// Connections to each endpoint.
    ///
    /// @param size most at once
    /// @param ready how many are opened before anybody asks
    /// @param acquire longest wait for one
    /// @param idle longest time without a request; zero = below what the kind of server allows
    /// @param age longest life
    /// @param connect longest time to open one
    public record PoolConfig(int size, int ready, Duration acquire, Duration idle, Duration age, Duration connect) {}

    public GatewayConfig {
        upstreams = List.copyOf(upstreams);
    }
}
