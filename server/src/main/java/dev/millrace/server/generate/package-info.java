/// One API call from its admission to the engine's terminal event, written out whole or as a stream.
@NullMarked
package dev.millrace.server.generate;

import org.jspecify.annotations.NullMarked;
