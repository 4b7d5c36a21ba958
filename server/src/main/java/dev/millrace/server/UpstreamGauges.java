package dev.millrace.server;

import dev.millrace.gateway.fleet.EndpointStatus;
import dev.millrace.server.account.ServerMetrics;
import dev.millrace.server.config.UpstreamConfig;
import dev.millrace.server.fleet.Target;
import dev.millrace.server.fleet.Upstreams;
import dev.millrace.server.upstream.PoolCounts;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/// What can be read of each upstream at any time, over all its endpoints.
final class UpstreamGauges {
    private UpstreamGauges() {}

    static void register(ServerMetrics metrics, Upstreams upstreams) {
        for (UpstreamConfig upstream : upstreams.config().upstreams()) {
            of(metrics, upstreams, upstream.name());
        }
        metrics.upstreamCounter(
                "millrace.upstream.retries.refused",
                "all",
                upstreams,
                all -> all.fleet().retriesRefused());
    }

    private static void of(ServerMetrics metrics, Upstreams upstreams, String name) {
        metrics.upstreamGauge(
                "millrace.upstream.endpoints", name, upstreams, all -> endpoints(all, name, endpoint -> 1));
        metrics.upstreamGauge(
                "millrace.upstream.in_flight", name, upstreams, all -> endpoints(all, name, EndpointStatus::inFlight));
        metrics.upstreamGauge(
                "millrace.upstream.ejected",
                name,
                upstreams,
                all -> endpoints(all, name, one -> one.state() == EndpointStatus.State.EJECTED ? 1 : 0));
        metrics.upstreamGauge("millrace.pool.open", name, upstreams, pools(name, PoolCounts::open));
        metrics.upstreamGauge("millrace.pool.in_use", name, upstreams, pools(name, PoolCounts::inUse));
        metrics.upstreamGauge("millrace.pool.waiting", name, upstreams, pools(name, PoolCounts::waiting));
        metrics.upstreamCounter("millrace.pool.opened", name, upstreams, pools(name, PoolCounts::created));
        metrics.upstreamCounter("millrace.pool.reused", name, upstreams, pools(name, PoolCounts::reused));
        metrics.upstreamCounter("millrace.pool.failed", name, upstreams, pools(name, PoolCounts::failed));
        metrics.upstreamCounter("millrace.pool.timed_out", name, upstreams, pools(name, PoolCounts::timedOut));
    }

    private static double endpoints(Upstreams upstreams, String name, ToLongFunction<EndpointStatus> value) {
        return upstreams.fleet().statuses().stream()
                .filter(endpoint -> endpoint.endpoint().upstream().equals(name))
                .mapToLong(value)
                .sum();
    }

    private static ToDoubleFunction<Upstreams> pools(String name, ToLongFunction<PoolCounts> value) {
        return upstreams -> upstreams.targets().stream()
                .filter(target -> target.id().upstream().equals(name))
                .map(Target::pool)
                .map(pool -> pool.counts())
                .mapToLong(value)
                .sum();
    }
}
