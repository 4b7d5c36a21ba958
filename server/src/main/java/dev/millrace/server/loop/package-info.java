/// Work that belongs to one event loop: a mailbox that engine threads post to, and a list of things with deadlines.
@NullMarked
package dev.millrace.server.loop;

import org.jspecify.annotations.NullMarked;
