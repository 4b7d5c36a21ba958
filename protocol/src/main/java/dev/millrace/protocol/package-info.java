/// Wire shapes: what requests and answers look like in bytes. No I/O, no policy, no engine.
@NullMarked
package dev.millrace.protocol;

import org.jspecify.annotations.NullMarked;
