package dev.millrace.server;

import dev.millrace.server.config.GatewayConfig;
import dev.millrace.server.config.UpstreamConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Keys and trust for upstreams.
final class UpstreamSecrets {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,4096}");

    private UpstreamSecrets() {}

    /// The keys by the upstream's name.
    ///
    /// @throws ServerStartException if a file cannot be read or holds no key
    static Map<String, String> keys(GatewayConfig config) throws ServerStartException {
        Map<String, String> keys = new HashMap<>();
        for (UpstreamConfig upstream : config.upstreams()) {
            Path file = upstream.keyFile();
            if (file != null) {
                keys.put(upstream.name(), key(upstream.name(), file));
            }
        }
        return keys;
    }

    private static String key(String upstream, Path file) throws ServerStartException {
        String key;
        try {
            key = Files.readString(file).strip();
        } catch (IOException e) {
            throw new ServerStartException("upstreams." + upstream + ".key-file: " + file + " cannot be read", e);
        }
        if (!KEY.matcher(key).matches()) {
            throw new ServerStartException(
                    "upstreams." + upstream + ".key-file: " + file
                            + " does not hold a key (expected: one word of printable characters)",
                    null);
        }
        return key;
    }

    /// What the machine trusts; `null` if no upstream speaks TLS.
    static @Nullable SslContext tls(GatewayConfig config) throws ServerStartException {
        if (config.upstreams().stream().noneMatch(one -> one.url().getScheme().equals("https"))) {
            return null;
        }
        try {
            return SslContextBuilder.forClient().sslProvider(SslProvider.JDK).build();
        } catch (SSLException e) {
            throw new ServerStartException("TLS cannot be used on this machine: " + e.getMessage(), e);
        }
    }
}
