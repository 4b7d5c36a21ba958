/// Passing requests on to upstreams and their answers back: nothing is bound, little is held, and until the client has
/// seen content another endpoint may answer instead.
@NullMarked
package dev.millrace.server.relay;

import org.jspecify.annotations.NullMarked;
