package dev.millrace.server.relay;

import dev.millrace.server.account.UpstreamMeters;
import dev.millrace.server.fleet.Upstreams;
import dev.millrace.server.generate.CallScope;
import dev.millrace.server.upstream.LoopPools;
import io.netty.channel.EventLoop;
import java.time.InstantSource;

/// What the relayed calls of one event loop share. The pools are confined to the loop.
///
/// @param wallClock for dates in `Retry-After`
public record RelayScope(
        CallScope calls,
        Upstreams upstreams,
        LoopPools pools,
        EventLoop loop,
        UpstreamMeters meters,
        InstantSource wallClock) {
    /// The same for other calls of the same event loop.
    public RelayScope with(CallScope others) {
        return new RelayScope(others, upstreams, pools, loop, meters, wallClock);
    }
}
