package dev.millrace.server.config;

import dev.millrace.core.ByteSize;
import dev.millrace.gateway.cache.CachePolicy;
import java.time.Duration;

/// The response cache. *Immutable.*
///
/// @param mode which requests take part
/// @param size most bytes of all stored answers together
/// @param ttl life of an answer
/// @param stale how long past its life it may still be served, at most
/// @param largest most bytes of one answer
public record CacheConfig(CachePolicy.Mode mode, ByteSize size, Duration ttl, Duration stale, ByteSize largest) {}
