package dev.millrace.server.wire;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.server.loop.DeadlineList;
import dev.millrace.server.loop.Deadlined;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Stands at the entrance of one connection: lets only bytes through whose framing is clear, and closes the
/// connection when a head or the next request takes too long. *Confined to its event loop.*
///
/// An objection is answered after the answers to the requests before it, then the connection closes. The client
/// gets a moment to read the answer: closing at once would reset the connection under it.
///
/// Once the server is to stop, each answer says that its connection closes, and it does: a client that kept it for its
/// next request would lose that one when the server has gone.
public final class WireGuard extends Deadlined {
    private static final long LINGER_NANOS = 1_000_000_000;

    private final Channel channel;
    private final Limits limits;
    private final DeadlineList connections;
    private final NanoClock clock;
    private final FramingScanner scanner = new FramingScanner();
    private @Nullable ErrorCode objection;
    private long answersBegun;
    private long answersEnded;
    private long headSinceNanos;
    private long idleSinceNanos;
    private long closingSinceNanos;
    private boolean closing;
    private boolean farewell;

    /// @param headNanos from a head's first byte to its last
    /// @param idleNanos without a request
    /// @param errors writes the answer to an objection
    /// @param stopping true from the moment the server was asked to stop
    public record Limits(long headNanos, long idleNanos, ErrorBytes errors, BooleanSupplier stopping) {}

    /// Makes a whole HTTP response that says what is wrong and that the connection closes.
    @FunctionalInterface
    public interface ErrorBytes {
        /// @return released by the one who writes it
        ByteBuf of(ErrorCode code);
    }

    private WireGuard(Channel channel, Limits limits, DeadlineList connections, NanoClock clock) {
        this.channel = channel;
        this.limits = limits;
        this.connections = connections;
        this.clock = clock;
        this.idleSinceNanos = clock.nanoTime();
    }

    /// Puts a guard on a connection that has not read anything yet.
    ///
    /// @param httpHandler name of the handler that answers requests
    public static void install(
            Channel channel, String httpHandler, Limits limits, DeadlineList connections, NanoClock clock) {
        var guard = new WireGuard(channel, limits, connections, clock);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addFirst("wireGuard", guard.new Inbound());
        pipeline.addBefore(httpHandler, "answerCounter", guard.new Outbound());
        connections.add(guard);
    }

    private final class Inbound extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (!(message instanceof ByteBuf bytes)) {
                context.fireChannelRead(message);
            } else if (closing || objection != null) {
                ReferenceCountUtil.release(bytes);
            } else {
                pass(context, bytes);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            connections.remove(WireGuard.this);
            context.fireChannelInactive();
        }
    }

    private final class Outbound extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            boolean interim = message instanceof HttpResponse response
                    && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            if (message instanceof HttpResponse response && !interim) {
                answersBegun++;
                sayFarewell(response);
            }
            // A promise for nothing tells nobody.
            var written = context.write(message, farewell ? promise.unvoid() : promise);
            if (message instanceof LastHttpContent && !interim) {
                answersEnded++;
                idleSinceNanos = clock.nanoTime();
                answerObjection();
                if (farewell && !closing) {
                    closing = true;
                    closingSinceNanos = idleSinceNanos;
                    written.addListener(sent -> endOutput());
                }
            }
        }
    }

    /// Not on an answer with others behind it: a client that sent several requests at once has a right to all answers.
    private void sayFarewell(HttpResponse response) {
        if (limits.stopping().getAsBoolean() && scanner.requests() == answersBegun) {
            farewell = true;
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    private void endOutput() {
        if (channel instanceof DuplexChannel duplex) {
            var _ = duplex.shutdownOutput();
        }
    }

    private void pass(ChannelHandlerContext context, ByteBuf bytes) {
        boolean wasInHead = scanner.isInHead();
        long requestsBefore = scanner.requests();
        int fine = scanner.scan(bytes);
        if (scanner.isInHead() && (!wasInHead || scanner.requests() > requestsBefore)) {
            headSinceNanos = clock.nanoTime();
        }
        objection = scanner.violation();
        if (objection == null) {
            context.fireChannelRead(bytes);
            return;
        }
        if (fine > 0) {
            context.fireChannelRead(bytes.readRetainedSlice(fine));
        }
        bytes.release();
        answerObjection();
    }

    /// Answers the objection once it is its turn: all requests before it are answered.
    private void answerObjection() {
        if (objection == null || closing) {
            return;
        }
        long open = scanner.requests() - answersEnded;
        boolean inBody = !scanner.isInHead() && !scanner.isBetweenRequests();
        boolean answered = inBody && (open == 0 || (open == 1 && answersBegun > answersEnded));
        if (answered) {
            closing = true;
            var _ = channel.close(); // its answer is there or on its way: there is nothing more that could be said
        } else if (open == (inBody ? 1 : 0)) {
            close(objection);
        }
    }

    private void close(ErrorCode code) {
        closing = true;
        closingSinceNanos = clock.nanoTime();
        var head = channel.pipeline().firstContext();
        head.writeAndFlush(limits.errors().of(code)).addListener(sent -> endOutput());
    }

    @Override
    protected void run() {
        // Nothing is posted to a connection.
    }

    @Override
    protected void checkDeadlines(long nowNanos) {
        if (closing) {
            if (nowNanos - closingSinceNanos > LINGER_NANOS) {
                var _ = channel.close();
            }
        } else if (scanner.isInHead()) {
            if (nowNanos - headSinceNanos > limits.headNanos()) {
                timeOut();
            }
        } else if (scanner.isBetweenRequests()
                && scanner.requests() == answersEnded
                && nowNanos - idleSinceNanos > limits.idleNanos()) {
            closing = true;
            var _ = channel.close();
        }
    }

    private void timeOut() {
        if (scanner.requests() == answersEnded) {
            close(ErrorCode.REQUEST_TIMEOUT);
        } else {
            objection = ErrorCode.REQUEST_TIMEOUT;
        }
    }

    @Override
    protected void shutDown() {
        var _ = channel.close();
    }
}
