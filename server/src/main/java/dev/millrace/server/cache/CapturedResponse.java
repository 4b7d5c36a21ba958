package dev.millrace.server.cache;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/// The response that a call of the cache writes to: it keeps what is written, up to a limit, and hands it on to
/// the client as long as there is one. So a call needs not know that others wait for its answer, that its
/// client has left, or that it never had one. *Confined to its event loop.*
final class CapturedResponse extends UnusedResponse {
    private static final Buffer EVENT = Buffer.buffer("data: ".getBytes(US_ASCII));
    private static final Buffer EVENT_END = Buffer.buffer("\n\n".getBytes(US_ASCII));

    private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    private final long mostBytes;
    private final boolean lateHead;
    private @Nullable HttpServerResponse client;
    private @Nullable Buffer body = Buffer.buffer(1024);
    private @Nullable Runnable insteadOfError;
    private @Nullable Handler<Void> onClose;
    private @Nullable Handler<Void> onDrained;
    private int status = 200;
    private boolean headWritten;
    private boolean ended;
    private boolean reset;
    private boolean closed;
    private boolean unpaused;

    /// @param client absent if nobody reads; its head may be out already, as an event stream's
    /// @param mostBytes that are kept; what grows over them is not kept at all
    CapturedResponse(@Nullable HttpServerResponse client, long mostBytes) {
        this.client = client;
        this.mostBytes = mostBytes;
        this.lateHead = client != null && client.headWritten();
    }

    /// Called in place of an error's answer, if the client has seen nothing yet.
    void insteadOfError(@Nullable Runnable answer) {
        insteadOfError = answer;
    }

    /// The client has left, and others wait: the call goes on, and is not to notice.
    void detach() {
        client = null;
        resume();
    }

    /// Nobody is there any more.
    void clientGone() {
        closed = true;
        if (onClose != null) {
            onClose.handle(null);
        }
    }

    /// Others wait too: from here on nobody's slow reading holds up the call. What that may hold in memory is
    /// bounded by what is kept.
    void unpause() {
        if (!unpaused) {
            unpaused = true;
            resume();
        }
    }

    private void resume() {
        if (onDrained != null && !ended) {
            onDrained.handle(null);
        }
    }

    /// What was written; `null` if it is not all there.
    byte @Nullable [] body() {
        return body == null || !ended || reset ? null : body.getBytes();
    }

    /// True if more was written than is kept.
    boolean isOverflown() {
        return body == null;
    }

    /// A header that was set; `null` if it was not.
    @Nullable
    String header(CharSequence name) {
        return headers.get(name);
    }

    private void keep(Buffer piece) {
        if (body == null || (piece.length() > 0 && piece.getByte(0) == ':')) {
            return; // heartbeats are comments, and no part of the answer
        }
        if (body.length() + (long) piece.length() > mostBytes) {
            body = null;
        } else {
            body.appendBuffer(piece);
        }
    }

    private @Nullable HttpServerResponse headed() {
        return lateHead ? null : client;
    }

    @Override
    public HttpServerResponse setStatusCode(int code) {
        status = code;
        HttpServerResponse open = headed();
        if (open != null) {
            open.setStatusCode(code);
        }
        return this;
    }

    @Override
    public int getStatusCode() {
        return status;
    }

    @Override
    public HttpServerResponse setChunked(boolean chunked) {
        HttpServerResponse open = headed();
        if (open != null) {
            open.setChunked(chunked);
        }
        return this;
    }

    @Override
    public MultiMap headers() {
        return headers;
    }

    @Override
    public HttpServerResponse putHeader(String name, String value) {
        return putHeader((CharSequence) name, value);
    }

    @Override
    public HttpServerResponse putHeader(CharSequence name, CharSequence value) {
        headers.set(name, value);
        HttpServerResponse open = headed();
        if (open != null) {
            open.putHeader(name, value);
        }
        return this;
    }

    @Override
    public HttpServerResponse closeHandler(@Nullable Handler<Void> handler) {
        onClose = handler;
        return this;
    }

    @Override
    public HttpServerResponse exceptionHandler(@Nullable Handler<Throwable> handler) {
        if (client != null) {
            client.exceptionHandler(handler);
        }
        return this;
    }

    @Override
    public HttpServerResponse drainHandler(@Nullable Handler<Void> handler) {
        onDrained = handler;
        if (client != null) {
            client.drainHandler(handler);
        }
        return this;
    }

    @Override
    public HttpServerResponse setWriteQueueMaxSize(int bytes) {
        if (client != null) {
            client.setWriteQueueMaxSize(bytes);
        }
        return this;
    }

    @Override
    public boolean writeQueueFull() {
        boolean free = unpaused && body != null;
        return client != null && !free && client.writeQueueFull();
    }

    @Override
    public Future<Void> writeHead() {
        headWritten = true;
        HttpServerResponse open = headed();
        return open == null ? Future.succeededFuture() : open.writeHead();
    }

    @Override
    public Future<Void> write(Buffer piece) {
        headWritten = true;
        keep(piece);
        return client == null ? Future.succeededFuture() : client.write(piece);
    }

    @Override
    public Future<Void> end(Buffer piece) {
        keep(piece);
        boolean first = !headWritten;
        headWritten = true;
        ended = true;
        HttpServerResponse reader = client;
        if (reader == null) {
            return Future.succeededFuture();
        }
        if (first && status >= 500 && insteadOfError != null && !lateHead) {
            reader.headers().clear();
            reader.setStatusCode(200);
            insteadOfError.run();
            return Future.succeededFuture();
        }
        if (lateHead && status != 200) {
            // The head said 200 when nobody could know: the error becomes an event.
            return reader.end(
                    Buffer.buffer().appendBuffer(EVENT).appendBuffer(piece).appendBuffer(EVENT_END));
        }
        return reader.end(piece);
    }

    @Override
    public Future<Void> end() {
        headWritten = true;
        ended = true;
        return client == null ? Future.succeededFuture() : client.end();
    }

    @Override
    public Future<Void> reset(long code) {
        reset = true;
        return client == null ? Future.succeededFuture() : client.reset(code);
    }

    @Override
    public boolean ended() {
        return ended || (client != null && client.ended());
    }

    @Override
    public boolean closed() {
        return closed;
    }

    @Override
    public boolean headWritten() {
        HttpServerResponse open = headed();
        return open == null ? headWritten : open.headWritten();
    }
}
