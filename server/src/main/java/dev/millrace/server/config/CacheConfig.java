package dev.millrace.server.config;

import dev.millrace.core.ByteSize;
import dev.millrace.gateway.cache.CachePolicy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The response cache. *Immutable.*
///
/// @param mode which requests take part
/// @param size most bytes of all stored answers together
/// @param ttl life of an answer
/// @param stale how long past its life it may still be served, at most
/// @param largest most bytes of one answer
/// @param shared where answers are shared with other servers; absent if they are not
public record CacheConfig(
        CachePolicy.Mode mode,
        ByteSize size,
        Duration ttl,
        Duration stale,
        ByteSize largest,
        @Nullable SharedCacheConfig shared) {
    /// A Redis or Valkey that several servers use.
    ///
    /// @param address scheme, host and port
    /// @param passwordFile absent if it wants no password
    /// @param secretFile what answers are sealed with; absent if anybody who writes there is trusted
    public record SharedCacheConfig(
            URI address,
            @Nullable Path passwordFile,
            @Nullable Path secretFile) {}
}
