/// JSON as bytes: checked reading limits, and a writer for answers that costs one pass over the text.
@NullMarked
package dev.millrace.protocol.json;

import org.jspecify.annotations.NullMarked;
