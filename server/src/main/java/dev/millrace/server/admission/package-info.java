/// Who may start, who waits, who is turned away. Pure decisions: no threads, no clock of its own.
@NullMarked
package dev.millrace.server.admission;

import org.jspecify.annotations.NullMarked;
