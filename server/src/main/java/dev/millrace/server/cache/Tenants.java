package dev.millrace.server.cache;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/// Whose a request is: until there are keys, whoever sends the same `Authorization`. *Confined to one thread.*
final class Tenants {
    private static final String ANONYMOUS = "anonymous";

    private final MessageDigest digest = BodyMemo.sha256();
    private String lastValue = "";
    private String lastTenant = ANONYMOUS;

    /// The SHA-256 of what it sends, in hexadecimal digits; never the secret itself.
    String of(MultiMap headers) {
        List<String> values = headers.getAll(HttpHeaders.AUTHORIZATION);
        if (values.isEmpty()) {
            return ANONYMOUS;
        }
        String value = values.size() == 1 ? values.getFirst() : String.join("\n", values);
        if (!value.equals(lastValue) || lastTenant.equals(ANONYMOUS)) {
            lastValue = value;
            lastTenant = HexFormat.of().formatHex(digest.digest(value.getBytes(StandardCharsets.UTF_8)));
        }
        return lastTenant;
    }
}
