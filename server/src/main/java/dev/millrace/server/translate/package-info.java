/// From wire records to engine requests and from engine events to wire records. Defaults are resolved here, once.
@NullMarked
package dev.millrace.server.translate;

import org.jspecify.annotations.NullMarked;
