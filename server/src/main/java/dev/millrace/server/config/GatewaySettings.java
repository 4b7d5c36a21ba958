package dev.millrace.server.config;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import java.time.Duration;
import java.util.List;

/// The keys about upstreams that are not about a single one. *Immutable.*
final class GatewaySettings {
    final Setting<List<String>> upstreams = new Setting<>(
            "gateway.upstreams",
            SettingType.list("addresses, or name=address"),
            "[]",
            "Servers that answer for models besides this one; `upstreams.<name>` says more of each.");
    final Setting<GatewayConfig.Policy> policy = new Setting<>(
            "gateway.policy",
            SettingType.choice(GatewayConfig.Policy.class),
            "least-load",
            "Who gets a request: the less loaded of two drawn by chance; each in turn; the same one for the same"
                    + " session; the one that knows the prompt's beginning.");
    final Setting<Integer> replicas = new Setting<>(
            "gateway.replicas",
            SettingType.number(0, 1_000),
            "0",
            "How many endpoints serve one model (sharding by model); 0 = all that offer it.");
    final Setting<Integer> attempts = new Setting<>(
            "gateway.attempts", SettingType.number(1, 10), "3", "Most attempts for one request, the first included.");
    final Setting<Integer> retryBudget = new Setting<>(
            "gateway.retry-budget",
            SettingType.number(0, 100),
            "20",
            "Most attempts beyond the first, in percent of the requests, so that a failure is not made worse.");
    final Setting<Duration> probeInterval = new Setting<>(
            "gateway.probe-interval",
            SettingType.duration(ofMillis(50), ofHours(1)),
            "5s",
            "Time between two looks at each endpoint: whether it answers, and what it offers.");
    final Setting<Duration> probeTimeout = new Setting<>(
            "gateway.probe-timeout", SettingType.duration(ofMillis(10), ofMinutes(1)), "2s", "For such a look.");
    final Setting<Duration> stallAfter = new Setting<>(
            "gateway.stall-after",
            SettingType.duration(ofMillis(100), ofHours(1)),
            "30s",
            "An endpoint with streams under way that has sent nothing for this long gets no new requests, whatever its health"
                    + " page says.");
    final Setting<Integer> poolSize = new Setting<>(
            "pool.size",
            SettingType.number(1, 100_000),
            "30",
            "Most connections to one endpoint; each request in flight has one, a stream for as long as it lasts.");
    final Setting<Integer> poolReady = new Setting<>(
            "pool.ready",
            SettingType.number(0, 1_000),
            "2",
            "Connections to each endpoint that are opened before anybody asks.");
    final Setting<Duration> poolAcquire = new Setting<>(
            "pool.acquire-timeout",
            SettingType.duration(ofMillis(1), ofMinutes(10)),
            "1s",
            "Longest wait for a connection; then another endpoint, or 503.");
    final Setting<Duration> poolIdle = new Setting<>(
            "pool.idle",
            SettingType.autoOrDuration(ofMillis(100), ofHours(1)),
            "auto",
            "A connection without a request is closed after this time; auto = before that kind of server would.");
    final Setting<Duration> poolAge = new Setting<>(
            "pool.age", SettingType.duration(ofSeconds(1), ofHours(24)), "10m", "Longest life of a connection.");
    final Setting<Duration> connect = new Setting<>(
            "timeouts.connect",
            SettingType.duration(ofMillis(1), ofMinutes(1)),
            "1s",
            "For opening a connection to an upstream.");

    List<Setting<?>> all() {
        return List.of(
                upstreams,
                policy,
                replicas,
                attempts,
                retryBudget,
                probeInterval,
                probeTimeout,
                stallAfter,
                poolSize,
                poolReady,
                poolAcquire,
                poolIdle,
                poolAge,
                connect);
    }
}
