package dev.millrace.server.cache;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.HostAndPort;
import java.nio.channels.FileChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What Vert.x's responses can do and no call asks of them: it fails loudly, so that a call that begins to is
/// noticed by its first test.
abstract class UnusedResponse implements HttpServerResponse {
    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("not used by calls");
    }

    @Override
    public String getStatusMessage() {
        throw unused();
    }

    @Override
    public HttpServerResponse setStatusMessage(String message) {
        throw unused();
    }

    @Override
    public boolean isChunked() {
        throw unused();
    }

    @Override
    public HttpServerResponse putHeader(String name, Iterable<String> values) {
        throw unused();
    }

    @Override
    public HttpServerResponse putHeader(CharSequence name, Iterable<CharSequence> values) {
        throw unused();
    }

    @Override
    public MultiMap trailers() {
        throw unused();
    }

    @Override
    public HttpServerResponse putTrailer(String name, String value) {
        throw unused();
    }

    @Override
    public HttpServerResponse putTrailer(CharSequence name, CharSequence value) {
        throw unused();
    }

    @Override
    public HttpServerResponse putTrailer(String name, Iterable<String> values) {
        throw unused();
    }

    @Override
    public HttpServerResponse putTrailer(CharSequence name, Iterable<CharSequence> value) {
        throw unused();
    }

    @Override
    public HttpServerResponse endHandler(@Nullable Handler<Void> handler) {
        throw unused();
    }

    @Override
    public Future<Void> write(String text, String encoding) {
        throw unused();
    }

    @Override
    public Future<Void> write(String text) {
        throw unused();
    }

    @Override
    public Future<Void> writeContinue() {
        throw unused();
    }

    @Override
    public Future<Void> writeEarlyHints(MultiMap hints) {
        throw unused();
    }

    @Override
    public Future<Void> end(String text) {
        throw unused();
    }

    @Override
    public Future<Void> end(String text, String encoding) {
        throw unused();
    }

    @Override
    public Future<Void> sendFile(String name, long offset, long length) {
        throw unused();
    }

    @Override
    public Future<Void> sendFile(FileChannel channel, long offset, long length) {
        throw unused();
    }

    @Override
    public Future<Void> sendFile(java.io.RandomAccessFile file, long offset, long length) {
        throw unused();
    }

    @Override
    public HttpServerResponse headersEndHandler(@Nullable Handler<Void> handler) {
        throw unused();
    }

    @Override
    public HttpServerResponse bodyEndHandler(@Nullable Handler<Void> handler) {
        throw unused();
    }

    @Override
    public long bytesWritten() {
        throw unused();
    }

    @Override
    public int streamId() {
        throw unused();
    }

    @Override
    public Future<HttpServerResponse> push(HttpMethod method, HostAndPort authority, String path, MultiMap headers) {
        throw unused();
    }

    @Override
    public Future<Void> writeCustomFrame(int type, int flags, Buffer payload) {
        throw unused();
    }

    @Override
    public HttpServerResponse addCookie(Cookie cookie) {
        throw unused();
    }

    @Override
    public @Nullable Cookie removeCookie(String name, boolean invalidate) {
        throw unused();
    }

    @Override
    public Set<Cookie> removeCookies(String name, boolean invalidate) {
        throw unused();
    }

    @Override
    public @Nullable Cookie removeCookie(String name, String domain, String path, boolean invalidate) {
        throw unused();
    }
}
