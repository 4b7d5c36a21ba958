/// The response cache at work: requests meet stored answers, or each other, before they reach an engine or an
/// upstream. What is decided is decided in `gateway.cache`; here are the maps, the locks and the responses.
@NullMarked
package dev.millrace.server.cache;

import org.jspecify.annotations.NullMarked;
