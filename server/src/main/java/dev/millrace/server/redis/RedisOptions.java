package dev.millrace.server.redis;

import dev.millrace.gateway.cache.Seal;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// How the shared tier is reached. *Immutable.*
///
/// @param address `redis://host:port` or `rediss://host:port`
/// @param password `null` if it wants none
/// @param seal of what is stored
/// @param mostBytes of one answer
/// @param instance this server since its start, for the others
public record RedisOptions(URI address, @Nullable String password, Seal seal, long mostBytes, String instance) {
    /// Names, seal and places of the id around an answer's bytes, at most.
    private static final long OVERHEAD_BYTES = 2L << 20;

    int mostEnvelopeBytes() {
        return Math.toIntExact(Math.min(Integer.MAX_VALUE - 1, mostBytes + OVERHEAD_BYTES));
    }

    /// Its address and instance; never the password.
    @Override
    public String toString() {
        return "RedisOptions[" + address + ", " + instance + "]";
    }
}
