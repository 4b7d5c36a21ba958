package dev.millrace.server.config;

import java.util.List;

/// Where the server listens and whom it answers. *Immutable.*
///
/// @param port 0 = any free one
/// @param allowedHosts names accepted in the `Host` header besides the loopback names; `*` = any
/// @param behindProxy a proxy with keys and TLS stands in front, so that a non-loopback address may be bound
/// @param eventLoops threads that serve connections; 0 = one per core
public record ServerConfig(String host, int port, List<String> allowedHosts, boolean behindProxy, int eventLoops) {
    public ServerConfig {
        allowedHosts = List.copyOf(allowedHosts);
    }
}
