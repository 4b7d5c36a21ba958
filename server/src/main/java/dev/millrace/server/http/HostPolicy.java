package dev.millrace.server.http;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Which `Host` and `Origin` values this server answers to. It keeps web pages of other sites, and names that are
/// pointed at the loopback address by an attacker, away from the models. *Immutable.*
final class HostPolicy {
    private static final String ANY = "*";
    private static final Pattern AUTHORITY =
            Pattern.compile("(\\[[0-9a-fA-F:.]{2,45}]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?");
    private static final Pattern LOOPBACK_V4 = Pattern.compile("127(?:\\.[0-9]{1,3}){3}");

    private final Set<String> names = new HashSet<>(Set.of("localhost", "[::1]"));
    private final boolean any;

    /// @param boundHost the address that is listened on
    /// @param allowed further names; `*` = any
    HostPolicy(String boundHost, List<String> allowed) {
        names.add(boundHost.toLowerCase(Locale.ROOT));
        allowed.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        any = allowed.contains(ANY);
    }

    /// True if a request with this `Host` is meant for this server.
    boolean allowsHost(String host) {
        var matcher = AUTHORITY.matcher(host);
        return matcher.matches() && (any || isKnown(matcher.group(1)));
    }

    /// True if a page of this `Origin` may send requests that do something.
    boolean allowsOrigin(String origin) {
        String rest = origin.startsWith("http://")
                ? origin.substring(7)
                : origin.startsWith("https://") ? origin.substring(8) : "";
        var matcher = AUTHORITY.matcher(rest);
        return matcher.matches() && isKnown(matcher.group(1));
    }

    private boolean isKnown(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        String plain = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return names.contains(plain) || LOOPBACK_V4.matcher(plain).matches();
    }
}
