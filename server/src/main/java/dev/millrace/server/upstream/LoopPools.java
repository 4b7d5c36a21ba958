package dev.millrace.server.upstream;

import dev.millrace.core.time.NanoClock;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/// The connections of one event loop to all endpoints. *Confined to its event loop.*
public final class LoopPools {
    private final EventLoop loop;
    private final ChannelFactory<? extends Channel> channels;
    private final NanoClock clock;
    private final boolean keepReady;
    private final Map<EndpointPool, LoopPool> pools = new HashMap<>();

    /// @param channels makes client channels that fit the loop
    /// @param keepReady opens connections before anybody asks
    public LoopPools(EventLoop loop, ChannelFactory<? extends Channel> channels, NanoClock clock, boolean keepReady) {
        this.keepReady = keepReady;
        this.loop = loop;
        this.channels = channels;
        this.clock = clock;
    }

    /// The part of this loop.
    public LoopPool of(EndpointPool endpoint) {
        LoopPool known = pools.get(endpoint);
        if (known != null) {
            return known;
        }
        LoopPool fresh = new LoopPool(endpoint, loop, channels, clock);
        pools.put(endpoint, fresh);
        return fresh;
    }

    /// Looks for connections that are too old, for those who have waited too long, and for endpoints that are gone.
    public void sweep(long nowNanos) {
        for (Iterator<Map.Entry<EndpointPool, LoopPool>> all = pools.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<EndpointPool, LoopPool> one = all.next();
            if (one.getKey().isRetired()) {
                one.getValue().close();
            }
            one.getValue().sweep(nowNanos);
            if (keepReady) {
                one.getValue().keepReady();
            }
            if (one.getKey().isRetired() && one.getValue().isEmpty()) {
                all.remove();
            }
        }
    }

    /// Closes all that is idle.
    public void close() {
        pools.values().forEach(LoopPool::close);
    }
}
