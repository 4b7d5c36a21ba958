package dev.millrace.server.http;

import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.stream.Collectors;

/// Finds the route of a request. Paths are compared as they were sent, byte for byte: there is one spelling of
/// each, so no rewriting of `//`, `%2e` or `;` can lead around a check. *Immutable.*
final class RouteTable {
    private final List<Route> routes;

    RouteTable(List<Route> routes) {
        this.routes = List.copyOf(routes);
    }

    /// What a method and a path lead to.
    sealed interface Match {
        /// A handler.
        record Found(Route route, String tail) implements Match {}

        /// The path exists for other methods only.
        ///
        /// @param allow these, as the `Allow` header lists them
        record OtherMethod(String allow) implements Match {}

        /// There is no such path.
        record Missing() implements Match {}
    }

    Match find(HttpMethod method, String path) {
        boolean pathExists = false;
        for (Route route : routes) {
            if (route.matches(path)) {
                pathExists = true;
                if (route.method().equals(method)) {
                    return new Match.Found(route, route.tail(path));
                }
            }
        }
        return pathExists ? new Match.OtherMethod(allowed(path)) : new Match.Missing();
    }

    private String allowed(String path) {
        return routes.stream()
                .filter(route -> route.matches(path))
                .map(route -> route.method().name())
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
