package dev.millrace.server.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// How settings must relate to each other.
public final class ConfigRules {
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "::1", "[::1]");
    private static final Pattern LOOPBACK_V4 = Pattern.compile("127(?:\\.[0-9]{1,3}){3}");

    private ConfigRules() {}

    /// What is wrong, one line each; empty if nothing is.
    public static List<String> violations(MillraceConfig config) {
        List<String> found = new ArrayList<>();
        ServerConfig server = config.server();
        if (!isLoopback(server.host()) && !server.behindProxy()) {
            found.add(
                    "server.host: " + server.host() + " is not a loopback address, and Millrace has no keys and no TLS"
                            + " yet: put a proxy that has both in front and set server.behind-proxy: true");
        }
        if (server.behindProxy() && server.allowedHosts().isEmpty()) {
            found.add("server.allowed-hosts: empty (expected: the names the proxy sends as Host, or *)");
        }
        if (!config.hasLocalModels() && config.gateway().upstreams().isEmpty()) {
            found.add("model: none, and there are no upstreams (expected: a model, or gateway.upstreams)");
        }
        if (config.gateway().pool().ready() > config.gateway().pool().size()) {
            found.add("pool.ready: " + config.gateway().pool().ready() + " (expected: at most pool.size, which is "
                    + config.gateway().pool().size() + ")");
        }
        TimeoutConfig timeouts = config.timeouts();
        atMost(found, "timeouts.first-token", timeouts.firstToken(), "timeouts.total", timeouts.total());
        atMost(found, "timeouts.idle", timeouts.idle(), "timeouts.total", timeouts.total());
        atMost(found, "limits.queue-timeout", config.limits().queueTimeout(), "timeouts.total", timeouts.total());
        atMost(found, "timeouts.lame-duck", timeouts.lameDuck(), "timeouts.drain", timeouts.drain());
        return found;
    }

    /// True if clients may download and delete models.
    public static boolean mayChangeModels(MillraceConfig config) {
        ServerConfig server = config.server();
        return switch (config.models().store().changes()) {
            case ON -> true;
            case OFF -> false;
            case AUTO -> isLoopback(server.host()) && !server.behindProxy();
        };
    }

    /// True if whoever is on this machine may look into the response cache and make its answers invalid. Behind
    /// a proxy everybody seems to be on this machine.
    public static boolean mayChangeCache(MillraceConfig config) {
        return !config.server().behindProxy();
    }

    private static void atMost(List<String> found, String key, Duration value, String limitKey, Duration limit) {
        if (value.compareTo(limit) > 0) {
            found.add(key + ": " + SettingType.show(value) + " (expected: at most " + limitKey + ", which is "
                    + SettingType.show(limit) + ")");
        }
    }

    private static boolean isLoopback(String host) {
        return LOOPBACK_NAMES.contains(host) || LOOPBACK_V4.matcher(host).matches();
    }
}
