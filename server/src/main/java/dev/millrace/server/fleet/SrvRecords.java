package dev.millrace.server.fleet;

import io.vertx.core.dns.SrvRecord;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads SRV records (RFC 2782).
final class SrvRecords {
    private SrvRecords() {}

    /// The hosts and ports of the best priority, unresolved. Weights are not used: how much an endpoint has to do says
    /// more.
    static List<InetSocketAddress> best(List<SrvRecord> records) {
        int best = records.stream().mapToInt(SrvRecord::priority).min().orElse(0);
        return records.stream()
                .filter(record -> record.priority() == best)
                .map(record -> InetSocketAddress.createUnresolved(host(record.target()), record.port()))
                .toList();
    }

    private static String host(@Nullable String target) {
        return target == null ? "" : target.endsWith(".") ? target.substring(0, target.length() - 1) : target;
    }
}
