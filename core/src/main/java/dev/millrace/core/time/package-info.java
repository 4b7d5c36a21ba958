/// The only place that reads the machine's clocks; everything else is given one.
@NullMarked
package dev.millrace.core.time;

import org.jspecify.annotations.NullMarked;
