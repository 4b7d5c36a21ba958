package dev.millrace.server.upstream;

import dev.millrace.core.time.NanoClock;
import dev.millrace.server.upstream.Exchange.Break;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// The connections of one event loop to one endpoint. *Confined to its event loop*, except [#mayOpenAgain] and
/// [#giveUpOne].
///
/// Idle ones are used newest first, so that those too many grow old and are closed. Who finds none waits in line while
/// one is opened; whichever comes first, opened or given back, goes to the first in line.
public final class LoopPool {
    private static final int MAX_HEAD_BYTES = 32 << 10;
    private static final int MOST_WAITING = 100_000;
    private static final long LINGER_NANOS = 1_000_000_000;

    private final EndpointPool endpoint;
    private final PoolShare share;
    private final RequestEncoder encoder;
    private final EventLoop loop;
    private final NanoClock clock;
    private final Bootstrap bootstrap;
    private final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
    private final ArrayDeque<UpstreamConnection> lingering = new ArrayDeque<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final AtomicBoolean wokenToOpen = new AtomicBoolean();
    private final AtomicBoolean askedToGiveUp = new AtomicBoolean();
    private int opening;
    private int used;
    private boolean closed;

    /// One who needs a connection.
    public interface Waiter {
        /// Here it is; it has to be used at once.
        void connected(UpstreamConnection connection);

        /// There is none.
        void notConnected(Break how);
    }

    private record Waiting(Waiter waiter, long sinceNanos) {}

    LoopPool(EndpointPool endpoint, EventLoop loop, ChannelFactory<? extends Channel> channels, NanoClock clock) {
        this.endpoint = endpoint;
        this.share = endpoint.share();
        this.encoder = new RequestEncoder(endpoint.address());
        this.loop = loop;
        this.clock = clock;
        this.bootstrap = new Bootstrap()
                .group(loop)
                .channelFactory(channels)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, endpoint.limits().connectMillis())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        prepare(channel);
                    }
                })
                .remoteAddress(endpoint.address().socket());
        share.join(this);
    }

    private void prepare(Channel channel) {
        Address address = endpoint.address();
        SslContext tls = address.tls();
        if (tls != null) {
            SslHandler handler = tls.newHandler(
                    channel.alloc(), address.host(), address.socket().getPort());
            SSLParameters parameters = handler.engine().getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            handler.engine().setSSLParameters(parameters);
            handler.setHandshakeTimeoutMillis(endpoint.limits().connectMillis());
            channel.pipeline().addLast(handler);
        }
        channel.pipeline().addLast(new HttpResponseDecoder(new HttpDecoderConfig().setMaxHeaderSize(MAX_HEAD_BYTES)));
    }

    String name() {
        return endpoint.address().toString();
    }

    RequestEncoder encoder() {
        return encoder;
    }

    /// Gets a connection for `waiter`: at once, or later, or never, but always tells.
    public void acquire(Waiter waiter) {
        long nowNanos = clock.nanoTime();
        UpstreamConnection ready = pollIdle(nowNanos);
        if (ready != null) {
            hand(ready, waiter);
        } else if (closed) {
            waiter.notConnected(Break.CONNECT);
        } else if (waiting.size() >= MOST_WAITING) {
            waiter.notConnected(Break.EXHAUSTED);
        } else {
            waiting.addLast(new Waiting(waiter, nowNanos));
            share.waits(1);
            openForWaiting();
        }
    }

    /// Needs none any more.
    public void leave(Waiter waiter) {
        if (waiting.removeIf(one -> one.waiter().equals(waiter))) {
            share.waits(-1);
        }
    }

    private void openForWaiting() {
        while (opening < waiting.size()) {
            if (!share.mayOpen()) {
                share.wanted(this);
                return;
            }
            open();
        }
    }

    private void open() {
        opening++;
        ChannelFuture connecting = bootstrap.connect();
        var _ = connecting.addListener(done -> {
            SslHandler tls = connecting.channel().pipeline().get(SslHandler.class);
            if (!done.isSuccess()) {
                notOpened();
            } else if (tls == null) {
                opened(connecting.channel());
            } else {
                var _ = tls.handshakeFuture().addListener(shaken -> shaken(connecting.channel(), shaken.isSuccess()));
            }
        });
    }

    private void shaken(Channel channel, boolean well) {
        if (well) {
            opened(channel);
        } else {
            var _ = channel.close();
            notOpened();
        }
    }

    private void opened(Channel channel) {
        opening--;
        var connection = new UpstreamConnection(channel, this, clock.nanoTime());
        channel.pipeline().addLast(connection);
        if (closed) {
            idle.addLast(connection);
            connection.close();
        } else {
            offer(connection);
        }
    }

    private void notOpened() {
        opening--;
        share.failedToOpen();
        share.closed();
        Waiting first = waiting.pollFirst();
        if (first != null) {
            share.waits(-1);
            first.waiter().notConnected(Break.CONNECT);
        }
    }

    private void offer(UpstreamConnection connection) {
        Waiting first = waiting.pollFirst();
        if (first == null) {
            connection.idle(clock.nanoTime());
            idle.addLast(connection);
        } else {
            share.waits(-1);
            hand(connection, first.waiter());
        }
    }

    private void hand(UpstreamConnection connection, Waiter waiter) {
        used++;
        share.taken(connection.hasServed());
        waiter.connected(connection);
    }

    private @Nullable UpstreamConnection pollIdle(long nowNanos) {
        for (UpstreamConnection one = idle.pollLast(); one != null; one = idle.pollLast()) {
            if (one.isUsable(nowNanos, endpoint.limits())) {
                return one;
            }
            idle.addLast(one);
            one.close();
        }
        return null;
    }

    /// Its exchange is over.
    void giveBack(UpstreamConnection connection) {
        used--;
        lingering.remove(connection);
        share.returned();
        connection.idle(clock.nanoTime());
        if (closed || !connection.isUsable(clock.nanoTime(), endpoint.limits())) {
            idle.addLast(connection);
            connection.close();
        } else {
            offer(connection);
        }
    }

    long now() {
        return clock.nanoTime();
    }

    /// A request met the end of its connection: those that have been idle since before it was sent are as old, and another
    /// try must not meet the next of them.
    void staleSince(long sentNanos) {
        for (UpstreamConnection one : List.copyOf(idle)) {
            if (sentNanos - one.idleSinceNanos() >= 0) {
                one.close();
            }
        }
    }

    /// The rest of its answer is awaited that nobody needs.
    void lingers(UpstreamConnection connection) {
        connection.idle(clock.nanoTime());
        lingering.addLast(connection);
    }

    /// It is closed or about to be.
    void gone(UpstreamConnection connection, boolean wasUsed) {
        if (wasUsed) {
            used--;
            lingering.remove(connection);
            share.returned();
        } else {
            idle.remove(connection);
        }
        share.closed();
    }

    /// Another loop may have closed a connection, which leaves room for one of this loop.
    void mayOpenAgain() {
        if (wokenToOpen.compareAndSet(false, true)) {
            loop.execute(() -> {
                wokenToOpen.set(false);
                openForWaiting();
            });
        }
    }

    /// Another loop needs a connection more than this one.
    void giveUpOne() {
        if (askedToGiveUp.compareAndSet(false, true)) {
            loop.execute(() -> {
                askedToGiveUp.set(false);
                UpstreamConnection oldest = idle.peekFirst();
                if (oldest != null) {
                    oldest.close();
                }
            });
        }
    }

    /// Looks for connections that are too old and for those who have waited too long.
    void sweep(long nowNanos) {
        List<UpstreamConnection> old = new ArrayList<>();
        for (UpstreamConnection one : idle) {
            if (!one.isUsable(nowNanos, endpoint.limits())) {
                old.add(one);
            }
        }
        for (UpstreamConnection one : lingering) {
            if (nowNanos - one.idleSinceNanos() > LINGER_NANOS) {
                old.add(one);
            }
        }
        old.forEach(UpstreamConnection::close);
        for (Waiting first = waiting.peekFirst(); first != null; first = waiting.peekFirst()) {
            if (nowNanos - first.sinceNanos() < endpoint.limits().acquireNanos()) {
                break;
            }
            waiting.pollFirst();
            share.waits(-1);
            share.waitedTooLong();
            first.waiter().notConnected(Break.EXHAUSTED);
        }
    }

    /// Opens what is to be there before anybody asks.
    void keepReady() {
        while (!closed && idle.size() + used + opening < endpoint.limits().ready() && share.mayOpen()) {
            open();
        }
    }

    /// True if no connection is left.
    boolean isEmpty() {
        return idle.isEmpty() && used == 0 && opening == 0;
    }

    /// Closes what is idle, and the rest when it is given back.
    void close() {
        closed = true;
        share.part(this);
        List.copyOf(idle).forEach(UpstreamConnection::close);
        for (Waiting one = waiting.pollFirst(); one != null; one = waiting.pollFirst()) {
            share.waits(-1);
            one.waiter().notConnected(Break.CONNECT);
        }
    }
}
