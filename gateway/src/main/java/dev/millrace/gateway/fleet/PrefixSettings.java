package dev.millrace.gateway.fleet;

import java.time.Duration;

/// What [Policy#PREFIX] remembers. *Immutable.*
///
/// @param mostEntries how many blocks of prompts are remembered; the longest unused is forgotten first
/// @param ageNanos a block that nobody used for longer is not looked for any more: its KV cells are gone
/// @param mostImbalance requests in flight per weight that an endpoint may have above the least loaded one and still
///     be preferred for what it remembers
public record PrefixSettings(int mostEntries, long ageNanos, double mostImbalance) {
    private static final int MOST_ENTRIES = 1 << 24;

    /// Refuses what cannot be kept.
    public PrefixSettings {
        Expect.within("mostEntries", mostEntries, 1, MOST_ENTRIES);
        Expect.within("ageNanos", ageNanos, 1, Long.MAX_VALUE);
        if (!(mostImbalance >= 0)) {
            throw new IllegalArgumentException("mostImbalance: " + mostImbalance + " (expected: >= 0)");
        }
    }

    /// 65,536 blocks for ten minutes, and eight requests more than the least loaded endpoint.
    public static PrefixSettings usual() {
        return new PrefixSettings(65_536, Duration.ofMinutes(10).toNanos(), 8);
    }
}
