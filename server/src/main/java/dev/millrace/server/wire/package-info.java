/// The bytes of a connection before the HTTP decoder sees them: one strict reading of where requests begin and end,
/// and how long that may take.
@NullMarked
package dev.millrace.server.wire;

import org.jspecify.annotations.NullMarked;
