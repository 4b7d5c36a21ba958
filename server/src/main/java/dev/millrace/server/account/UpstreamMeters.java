package dev.millrace.server.account;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Counts attempts at upstreams by how they ended. *Thread-safe.* Upstreams are those of the configuration and ends
/// are words of this program, so nobody can make up time series.
public final class UpstreamMeters {
    private final MeterRegistry registry;
    private final Map<String, Map<String, Counter>> attempts = new ConcurrentHashMap<>();

    UpstreamMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /// An attempt ended.
    ///
    /// @param end `answered`, or a fault in small letters
    public void attempt(String upstream, String end) {
        attempts.computeIfAbsent(upstream, ignored -> new ConcurrentHashMap<>())
                .computeIfAbsent(
                        end,
                        word -> Counter.builder("millrace.upstream.attempts")
                                .tag("upstream", upstream)
                                .tag("end", word)
                                .register(registry))
                .increment();
    }
}
