package dev.millrace.server;

import dev.millrace.server.account.ServerMetrics;
import dev.millrace.server.cache.CacheCounts;
import dev.millrace.server.cache.ResponseCache;

/// What can be read of the response cache at any time.
final class CacheGauges {
    private CacheGauges() {}

    static void register(ServerMetrics metrics, ResponseCache cache) {
        CacheCounts counts = cache.counts();
        metrics.counter("millrace.cache.hits", counts, CacheCounts::hits);
        metrics.counter("millrace.cache.hits.stale", counts, CacheCounts::staleHits);
        metrics.counter("millrace.cache.misses", counts, CacheCounts::misses);
        metrics.counter("millrace.cache.bypasses", counts, CacheCounts::bypasses);
        metrics.counter("millrace.cache.stores", counts, CacheCounts::stores);
        metrics.counter("millrace.cache.rejected", counts, CacheCounts::rejected);
        metrics.counter("millrace.cache.outdated", counts, CacheCounts::outdatedOnes);
        metrics.counter("millrace.cache.integrity.mismatches", counts, CacheCounts::integrityMismatches);
        metrics.counter("millrace.cache.evictions", counts, CacheCounts::evictions);
        metrics.counter("millrace.cache.followers", counts, CacheCounts::followers);
        metrics.counter("millrace.cache.refreshes", counts, CacheCounts::refreshes);
        metrics.gauge("millrace.cache.entries", cache, ResponseCache::entries);
        metrics.gauge("millrace.cache.bytes", cache, ResponseCache::bytes);
        metrics.gauge("millrace.cache.waiting", cache, ResponseCache::waiting);
    }
}
