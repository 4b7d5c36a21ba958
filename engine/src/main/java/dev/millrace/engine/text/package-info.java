/// From token bytes to text that may be shown: whole characters only, and never a part of a stop string.
@NullMarked
package dev.millrace.engine.text;

import org.jspecify.annotations.NullMarked;
