/// The engine contract across a process boundary: what a worker is told to load, and what it says while it
/// does.
@NullMarked
package dev.millrace.worker;

import org.jspecify.annotations.NullMarked;
