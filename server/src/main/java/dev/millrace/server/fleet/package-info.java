/// The upstreams as they are: resolved, looked at, and asked what they offer; the policies of `gateway.fleet` decide.
@NullMarked
package dev.millrace.server.fleet;

import org.jspecify.annotations.NullMarked;
