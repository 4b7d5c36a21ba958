/// Pure policies of a gateway over many servers: nothing here has a thread, a lock, a socket or a clock.
@NullMarked
package dev.millrace.gateway;

import org.jspecify.annotations.NullMarked;
