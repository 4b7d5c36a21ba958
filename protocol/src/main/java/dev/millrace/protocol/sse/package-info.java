/// Server-sent events: reading them from bytes that arrive in any pieces.
@NullMarked
package dev.millrace.protocol.sse;

import org.jspecify.annotations.NullMarked;
