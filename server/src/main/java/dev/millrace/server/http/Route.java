package dev.millrace.server.http;

import dev.millrace.core.id.RequestId;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/// One route: the whole public surface of the server is a list of these. *Immutable.*
///
/// @param path the exact path; if it ends with `/`, everything below it, handed on as the tail
record Route(HttpMethod method, String path, RouteHandler handler) {
    /// Answers a request whose head was checked.
    interface RouteHandler {
        /// @param tail what follows the path of a route that ends with `/`; else empty
        void answer(HttpServerRequest request, RequestId id, String tail);
    }

    boolean matches(String requestPath) {
        return path.endsWith("/")
                ? requestPath.length() > path.length() && requestPath.startsWith(path)
                : requestPath.equals(path);
    }

    String tail(String requestPath) {
        return path.endsWith("/") ? requestPath.substring(path.length()) : "";
    }
}
