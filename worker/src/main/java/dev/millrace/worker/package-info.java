/// The engine contract across a process boundary.
@NullMarked
package dev.millrace.worker;

import org.jspecify.annotations.NullMarked;
