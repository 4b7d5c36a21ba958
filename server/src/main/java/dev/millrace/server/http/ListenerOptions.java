package dev.millrace.server.http;

import dev.millrace.server.config.MillraceConfig;
import io.vertx.core.http.HttpServerOptions;

/// The limits of the HTTP/1.1 listener.
final class ListenerOptions {
    private static final int MAX_URI_BYTES = 8 * 1024;
    private static final int MAX_HEADER_BYTES = 16 * 1024;
    private static final int ACCEPT_BACKLOG = 4096;

    /// Vert.x binds a free port of its own for each event loop when asked for port 0, one for all of them when
    /// asked so.
    private static final int SHARED_FREE_PORT = -1;

    private ListenerOptions() {}

    static HttpServerOptions of(MillraceConfig config) {
        int port = config.server().port();
        return new HttpServerOptions()
                .setHost(config.server().host())
                .setPort(port == 0 ? SHARED_FREE_PORT : port)
                .setTcpNoDelay(true)
                .setAcceptBacklog(ACCEPT_BACKLOG)
                // HTTP/2 brings attacks of its own; it comes when they are tested against.
                .setHttp2ClearTextEnabled(false)
                .setMaxInitialLineLength(MAX_URI_BYTES)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setHandle100ContinueAutomatically(false)
                // There are no web sockets here; these would put handlers for them into every connection.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
    }
}
