/// What the response cache decides: which requests may be answered from it, under which key, how an answer is stored
/// and told from a foreign one, how long it lives, who computes it when many ask, and what makes it invalid.
///
/// Nothing here stores anything: the maps, the shared tier and the locks are the server's.
@NullMarked
package dev.millrace.gateway.cache;

import org.jspecify.annotations.NullMarked;
