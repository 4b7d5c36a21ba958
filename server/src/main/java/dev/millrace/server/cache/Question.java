package dev.millrace.server.cache;

import dev.millrace.gateway.cache.Acceptance;
import dev.millrace.gateway.cache.CacheKey;
import dev.millrace.gateway.cache.Labels;
import org.jspecify.annotations.Nullable;

/// What is looked for. *Immutable.*
///
/// @param choices answers that it asks for
/// @param acceptance which stored answers will do; `null` if none will
/// @param shareable it is known well enough what computes the answer that other servers may have it
/// @param waitNanos longest time for the whole answer
record Question(
        CacheKey key, Labels labels, int choices, @Nullable Acceptance acceptance, boolean shareable, long waitNanos) {}
