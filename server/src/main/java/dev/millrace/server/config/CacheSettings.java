package dev.millrace.server.config;

import static java.time.Duration.ofMillis;

import dev.millrace.core.ByteSize;
import dev.millrace.gateway.cache.CachePolicy;
import dev.millrace.gateway.cache.Freshness;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The keys about the response cache. *Immutable.*
final class CacheSettings {
    final Setting<CachePolicy.Mode> mode = new Setting<>(
            "cache.mode",
            SettingType.choice(CachePolicy.Mode.class),
            "deterministic",
            "Which answers are stored and given again: none; those with temperature 0 or a seed, both in the request;"
                    + " all.");
    final Setting<ByteSize> size = new Setting<>(
            "cache.size",
            SettingType.size(new ByteSize(0), ByteSize.mebibytes(1 << 20)),
            "64MiB",
            "What all stored answers together may take; the least useful ones leave first.");
    final Setting<Duration> ttl = new Setting<>(
            "cache.ttl",
            SettingType.duration(ofMillis(1), Freshness.MAX_TTL),
            "5m",
            "Life of a stored answer; each one's own is up to a tenth shorter or longer.");
    final Setting<Duration> stale = new Setting<>(
            "cache.stale",
            SettingType.duration(Duration.ZERO, Freshness.MAX_TTL),
            "0s",
            "How long past its life an answer may still be given, while it is computed anew behind the scenes.");
    final Setting<ByteSize> largest = new Setting<>(
            "cache.largest",
            SettingType.size(new ByteSize(1), ByteSize.mebibytes(64)),
            "1MiB",
            "Most bytes of one answer; a larger one is not stored.");
    final Setting<URI> redis = new Setting<>(
            "cache.redis",
            SettingType.redisAddress(),
            "none",
            "A Redis or Valkey in which several servers share answers; what is wrong with it costs no request anything.");
    final Setting<Path> redisPasswordFile;
    final Setting<Path> secretFile;

    CacheSettings(Path userHome) {
        redisPasswordFile = new Setting<>(
                "cache.redis-password-file",
                SettingType.path("none or a file", userHome),
                "none",
                "File with the password of that Redis.");
        secretFile = new Setting<>(
                "cache.secret-file",
                SettingType.path("none or a file", userHome),
                "none",
                "File with at least 16 bytes that all servers share: answers that somebody else put there are not taken.");
    }

    List<Setting<?>> all() {
        return List.of(mode, size, ttl, stale, largest, redis, redisPasswordFile, secretFile);
    }
}
