/// The admission policy of `gateway` under a lock, for calls on any event loop, and what it is told: who asks, how
/// short
/// memory is.
@NullMarked
package dev.millrace.server.admission;

import org.jspecify.annotations.NullMarked;
