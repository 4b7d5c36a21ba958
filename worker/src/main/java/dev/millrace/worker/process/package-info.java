/// Worker processes: started with nothing but what they need, watched, and never left behind.
@NullMarked
package dev.millrace.worker.process;

import org.jspecify.annotations.NullMarked;
