package dev.millrace.server.fleet;

import dev.millrace.server.upstream.Exchange;
import dev.millrace.server.upstream.LoopPool;
import dev.millrace.server.upstream.UpstreamConnection;
import dev.millrace.server.upstream.UpstreamRequest;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One look at an endpoint: `GET` of its list of models, over a connection as requests use them. *Confined to its event
/// loop.*
final class Look implements Exchange, LoopPool.Waiter {
    private static final int MOST_BYTES = 4 << 20;

    private final String path;
    private final Consumer<Finding> told;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable UpstreamConnection connection;
    private int status;
    private boolean done;

    /// What a look found. *Immutable.*
    sealed interface Finding {
        /// It answered.
        @SuppressWarnings("ArrayRecordComponent") // read once
        record Answered(int status, byte[] body) implements Finding {}

        /// It did not, or not with anything that makes sense.
        record Failed(String why) implements Finding {}

        /// All connections are in use, which says nothing about it.
        record NoRoom() implements Finding {}
    }

    /// @param told called once
    Look(String path, Consumer<Finding> told) {
        this.path = path;
        this.told = told;
    }

    void start(LoopPool pool) {
        pool.acquire(this);
    }

    /// Time is up.
    void giveUp(LoopPool pool) {
        if (!done) {
            pool.leave(this);
            if (connection != null) {
                connection.abandon();
            }
            finish(connection == null ? new Finding.NoRoom() : new Finding.Failed("no answer in time"));
        }
    }

    @Override
    public void connected(UpstreamConnection given) {
        connection = given;
        given.send(this, new UpstreamRequest.Look(path));
    }

    @Override
    public void notConnected(Break how) {
        finish(how == Break.EXHAUSTED ? new Finding.NoRoom() : new Finding.Failed("no connection"));
    }

    @Override
    public void head(int code, HttpHeaders headers) {
        status = code;
    }

    @Override
    public void content(ByteBuf piece) {
        if (body.size() + piece.readableBytes() > MOST_BYTES) {
            UpstreamConnection used = connection;
            if (used != null) {
                used.abandon();
            }
            finish(new Finding.Failed("its list of models is too long"));
            return;
        }
        try {
            piece.readBytes(body, piece.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a stream in memory does not fail
        }
    }

    @Override
    public void pause() {
        // The end is awaited.
    }

    @Override
    public void ended() {
        finish(new Finding.Answered(status, body.toByteArray()));
    }

    @Override
    public void broken(Break how) {
        finish(new Finding.Failed(how == Break.MALFORMED ? "what it sends is not HTTP" : "it broke off"));
    }

    private void finish(Finding finding) {
        if (!done) {
            done = true;
            told.accept(finding);
        }
    }
}
