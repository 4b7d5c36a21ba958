package dev.millrace.server.fleet;

import dev.millrace.core.time.NanoClock;
import dev.millrace.server.config.UpstreamConfig;
import dev.millrace.server.upstream.LoopPools;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.dns.DnsClient;
import io.vertx.core.dns.DnsClientOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Keeps looking at all upstreams: who they are (names are resolved again and again), whether they answer, and what
/// they offer. *Confined to its event loop*, but for looking up names.
public final class UpstreamWatch extends VerticleBase {
    private static final long SWEEP_MILLIS = 100;

    private final Upstreams upstreams;
    private final Map<String, String> keys;
    private final @Nullable SslContext tls;
    private final NameLookup names;
    private final DnsClientOptions dnsOptions;
    private final RandomGenerator random;
    private final NanoClock clock;
    private final List<WatchedUpstream> watched = new ArrayList<>();

    /// @param keys what to send to whom, by the upstream's name; who is not in it gets none
    /// @param tls for upstreams with `https`; `null` if there are none
    /// @param dnsOptions who is asked for SRV records
    /// @param random used by this only
    public UpstreamWatch(
            Upstreams upstreams,
            Map<String, String> keys,
            @Nullable SslContext tls,
            NameLookup names,
            DnsClientOptions dnsOptions,
            RandomGenerator random,
            NanoClock clock) {
        this.upstreams = upstreams;
        this.keys = Map.copyOf(keys);
        this.tls = tls;
        this.names = names;
        this.dnsOptions = dnsOptions;
        this.random = random;
        this.clock = clock;
    }

    @Override
    public Future<?> start() {
        var loop = ((ContextInternal) context).nettyEventLoop();
        var pools = new LoopPools(loop, ((VertxInternal) vertx).transport().channelFactory(false), clock, false);
        DnsClient dns = vertx.createDnsClient(dnsOptions);
        for (UpstreamConfig one : upstreams.config().upstreams()) {
            watched.add(new WatchedUpstream(
                    one,
                    new WatchedUpstream.Means(
                            upstreams,
                            keys.get(one.name()),
                            one.url().getScheme().equals("https") ? tls : null,
                            names,
                            dns,
                            pools,
                            clock,
                            context)));
        }
        vertx.setPeriodic(SWEEP_MILLIS, tick -> pools.sweep(clock.nanoTime()));
        watched.forEach(this::lookAgainAndAgain);
        return Future.succeededFuture();
    }

    private void lookAgainAndAgain(WatchedUpstream upstream) {
        upstream.look();
        long interval = upstreams.config().probeInterval().toMillis();
        // Spread a little, so that a hundred gateways do not look all at once.
        long delay = interval - interval / 10 + random.nextLong(interval / 5 + 1);
        vertx.setTimer(Math.max(1, delay), tick -> lookAgainAndAgain(upstream));
    }
}
