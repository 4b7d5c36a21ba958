/// The HTTP server and its composition root: [MillraceServer] takes a configuration and a provider of engines, and
/// answers the OpenAI dialect on one port.
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
