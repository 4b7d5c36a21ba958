/// Connections to upstreams: one HTTP/1.1 exchange at a time on each, pooled by event loop and bounded by endpoint.
///
/// Netty without Vert.x's client: passing answers on is the hot path of a gateway, and this costs it the least
/// (decision 17).
@NullMarked
package dev.millrace.server.upstream;

import org.jspecify.annotations.NullMarked;
