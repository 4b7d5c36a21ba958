/// Frames over a Unix domain socket between a server and one worker. One connection carries everything: commands one
/// way, and the other way the events of all generations, those of one step together in one frame.
///
/// Both ends are always of the same build, and tokens go from the worker's ring to the server's ring without a message
/// object each.
@NullMarked
package dev.millrace.worker.transport;

import org.jspecify.annotations.NullMarked;
