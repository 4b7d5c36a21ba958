package dev.millrace.server.upstream;

import dev.millrace.server.upstream.Exchange.Break;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to an upstream; at most one exchange at a time. *Confined to its event loop.*
public final class UpstreamConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamConnection.class);

    /// Bytes of an answer's rest that are still read so that the connection can be used again.
    private static final int MOST_REST_BYTES = 16 << 10;

    private final Channel channel;
    private final LoopPool pool;
    private final long bornNanos;
    private long idleSinceNanos;
    private long sentNanos;
    private @Nullable Exchange exchange;
    private boolean busy;
    private int answers;
    private boolean anyByte;
    private boolean within;
    private boolean reusable;
    private boolean interim;
    private int restBytes;
    private boolean gone;

    UpstreamConnection(Channel channel, LoopPool pool, long nowNanos) {
        this.channel = channel;
        this.pool = pool;
        this.bornNanos = nowNanos;
        this.idleSinceNanos = nowNanos;
    }

    /// Sends a request; what comes back goes to `to`.
    public void send(Exchange to, UpstreamRequest request) {
        exchange = to;
        busy = true;
        sentNanos = pool.now();
        anyByte = false;
        within = false;
        reusable = false;
        interim = false;
        restBytes = 0;
        ByteBuf bytes = pool.encoder().encode(request, channel.alloc());
        var _ = channel.writeAndFlush(bytes, channel.voidPromise());
    }

    /// Stops or goes on reading, so that an upstream is no faster than the client.
    public void reading(boolean on) {
        channel.config().setAutoRead(on);
    }

    /// The exchange is of no more interest: the upstream learns it by the end of the connection.
    public void abandon() {
        exchange = null;
        close();
    }

    /// What was needed of the answer is there: its rest is read without anybody, and the connection used again.
    public void leaveRest() {
        if (busy) {
            exchange = null;
            reading(true);
            pool.lingers(this);
        }
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    boolean isUsable(long nowNanos, PoolLimits limits) {
        return !gone
                && channel.isActive()
                && nowNanos - idleSinceNanos < limits.idleNanos()
                && nowNanos - bornNanos < limits.ageNanos();
    }

    boolean hasServed() {
        return answers > 0;
    }

    void idle(long nowNanos) {
        idleSinceNanos = nowNanos;
    }

    void close() {
        if (!gone) {
            gone = true;
            pool.gone(this, busy);
            var _ = channel.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!busy) {
                close(); // whatever speaks without being asked is out of step: nothing of it may reach anybody
            } else if (message instanceof HttpObject part) {
                if (part.decoderResult().isFailure()) {
                    fail(Break.MALFORMED);
                } else {
                    part(part);
                }
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void part(HttpObject part) {
        if (part instanceof HttpResponse response) {
            head(response);
        }
        if (part instanceof HttpContent body) {
            if (!interim) {
                content(body.content());
            }
            if (part instanceof LastHttpContent) {
                last();
            }
        }
    }

    private void head(HttpResponse response) {
        int status = response.status().code();
        anyByte = true;
        interim = status < 200;
        if (interim) {
            return;
        }
        within = true;
        boolean delimited = HttpUtil.isTransferEncodingChunked(response)
                || response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                || status == 204
                || status == 304;
        reusable = delimited && HttpUtil.isKeepAlive(response);
        if (exchange != null) {
            exchange.head(status, response.headers());
        }
    }

    private void content(ByteBuf piece) {
        if (exchange != null) {
            if (piece.isReadable()) {
                exchange.content(piece);
            }
        } else {
            restBytes += piece.readableBytes();
            if (restBytes > MOST_REST_BYTES) {
                close();
            }
        }
    }

    private void last() {
        if (interim || gone) {
            interim = false;
            return;
        }
        Exchange done = exchange;
        exchange = null;
        busy = false;
        answers++;
        if (reusable && channel.isActive()) {
            channel.config().setAutoRead(true);
            pool.giveBack(this);
        } else {
            gone = true;
            pool.gone(this, true);
            var _ = channel.close();
        }
        if (done != null) {
            done.ended();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (exchange != null) {
            exchange.pause();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        boolean stale = busy && !anyByte && hasServed();
        if (stale) {
            pool.staleSince(sentNanos);
        }
        fail(stale ? Break.STALE : anyByte ? Break.WITHIN_ANSWER : Break.BEFORE_ANSWER);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.error("event=connection_fault upstream={}", pool.name(), cause);
        }
        channelInactive(context);
    }

    private void fail(Break how) {
        Exchange told = exchange;
        exchange = null;
        close();
        if (told != null) {
            told.broken(within && how != Break.MALFORMED ? Break.WITHIN_ANSWER : how);
        }
    }
}
