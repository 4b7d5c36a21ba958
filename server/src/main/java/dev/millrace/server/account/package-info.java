/// What happened, counted and written down: metrics in the names of OpenTelemetry's GenAI conventions and of vLLM,
/// and one log line per request, written off the event loops.
@NullMarked
package dev.millrace.server.account;

import org.jspecify.annotations.NullMarked;
