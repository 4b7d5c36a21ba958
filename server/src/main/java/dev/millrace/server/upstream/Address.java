package dev.millrace.server.upstream;

import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// Where an endpoint is and how it is spoken to. *Immutable.*
///
/// @param socket resolved
/// @param authority for the `Host` field, and the name that its certificate must have
/// @param basePath what stands before `/chat/completions`
/// @param key sent as a bearer token; `null` = none
/// @param tls `null` = plain
public record Address(
        InetSocketAddress socket,
        String host,
        String authority,
        String basePath,
        @Nullable String key,
        @Nullable SslContext tls) {
    private static final String USUAL_PATH = "/v1";
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /// The port of an address, also if it does not say one.
    public static int port(URI url) {
        return url.getPort() >= 0 ? url.getPort() : url.getScheme().equals("https") ? HTTPS : HTTP;
    }

    /// What stands before `/chat/completions` at an upstream.
    public static String basePath(URI url) {
        String path = url.getRawPath();
        String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return trimmed.isEmpty() ? USUAL_PATH : trimmed;
    }

    /// Without the key.
    @Override
    public String toString() {
        return authority + basePath;
    }
}
