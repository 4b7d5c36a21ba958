package dev.millrace.server.cache;

import dev.millrace.gateway.cache.CacheKey;

/// What equal requests meet under while their answer is computed. *Immutable.*
///
/// @param token of the answer: whoever comes after an invalidation does not wait for what was begun before it
record FlightKey(CacheKey key, long token) {}
