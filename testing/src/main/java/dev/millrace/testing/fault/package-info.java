/// A TCP proxy that breaks things between a client and its server, on purpose and repeatably.
@NullMarked
package dev.millrace.testing.fault;

import org.jspecify.annotations.NullMarked;
