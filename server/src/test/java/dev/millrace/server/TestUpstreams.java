package dev.millrace.server;

import dev.millrace.server.config.GatewayConfig;
import dev.millrace.server.config.GatewayConfig.PoolConfig;
import dev.millrace.server.config.UpstreamConfig;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Configurations with upstreams for tests: probes are frequent, and no connection is opened before it is needed.
final class TestUpstreams {
    static final PoolConfig POOL = new PoolConfig(
            30, 0, Duration.ofMillis(500), Duration.ZERO, Duration.ofMinutes(10), Duration.ofMillis(500));

    /// No upstreams.
    static final GatewayConfig NONE = of(POOL, List.of());

    private TestUpstreams() {}

    static GatewayConfig of(PoolConfig pool, List<UpstreamConfig> upstreams) {
        return new GatewayConfig(
                upstreams,
                GatewayConfig.Policy.ROUND_ROBIN,
                0,
                3,
                100,
                Duration.ofMillis(50),
                Duration.ofMillis(500),
                Duration.ofSeconds(30),
                pool);
    }

    /// Upstreams `a`, `b`, `c` … on ports of this machine.
    static List<UpstreamConfig> onPorts(int... ports) {
        List<UpstreamConfig> upstreams = new ArrayList<>();
        for (int port : ports) {
            upstreams.add(onPort(Character.toString('a' + upstreams.size()), port));
        }
        return upstreams;
    }

    static UpstreamConfig onPort(String name, int port, String... models) {
        return new UpstreamConfig(
                name, URI.create("http://127.0.0.1:" + port), null, UpstreamConfig.Kind.VLLM, null, List.of(models), 1);
    }
}
