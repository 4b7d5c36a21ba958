package dev.millrace.server;

import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.cache.Seal;
import dev.millrace.server.cache.ResponseCache;
import dev.millrace.server.config.CacheConfig;
import dev.millrace.server.config.CacheConfig.SharedCacheConfig;
import dev.millrace.server.redis.RedisOptions;
import dev.millrace.server.redis.RedisTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Shares the response cache with other servers, if the configuration says so.
final class SharedAnswers {
    private SharedAnswers() {}

    /// @throws ServerStartException if a file cannot be read or holds too little
    static void open(CacheConfig config, ResponseCache cache, RandomGenerator random, NanoClock clock)
            throws ServerStartException {
        SharedCacheConfig shared = config.shared();
        if (shared == null || !cache.isOn()) {
            return;
        }
        var options = new RedisOptions(
                shared.address(),
                text("cache.redis-password-file", shared.passwordFile()),
                seal(shared.secretFile()),
                config.largest().bytes(),
                Long.toUnsignedString(random.nextLong(), 36) + Long.toUnsignedString(random.nextLong(), 36));
        cache.share(ear -> new RedisTier(options, ear, clock, InstantSource.system()));
    }

    private static Seal seal(@Nullable Path file) throws ServerStartException {
        if (file == null) {
            return Seal.plain();
        }
        try {
            return Seal.keyed(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new ServerStartException("cache.secret-file: " + file + " cannot be read", e);
        } catch (IllegalArgumentException e) {
            throw new ServerStartException("cache.secret-file: " + e.getMessage(), e);
        }
    }

    private static @Nullable String text(String key, @Nullable Path file) throws ServerStartException {
        if (file == null) {
            return null;
        }
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ServerStartException(key + ": " + file + " cannot be read", e);
        }
    }
}
