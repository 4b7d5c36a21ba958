package dev.millrace.server.cache;

import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.cache.CachePolicy;
import dev.millrace.gateway.cache.Freshness;
import dev.millrace.gateway.cache.Invalidation;
import dev.millrace.gateway.cache.StoredAnswer;
import dev.millrace.server.config.CacheConfig;
import java.time.InstantSource;

/// The response cache of a server, over all its event loops. *Thread-safe.*
public final class ResponseCache {
    private static final int MOST_CHOICES = 8;

    private final CachePolicy policy;
    private final Freshness freshness;
    private final long mostBytes;
    private final ModelIdentities models;
    private final InstantSource wallClock;
    private final CacheCounts counts = new CacheCounts();
    private final AnswerStore store;
    private final Flights flights = new Flights();
    private final BodyMemo memo = new BodyMemo();

    public ResponseCache(CacheConfig config, ModelIdentities models, NanoClock clock, InstantSource wallClock) {
        this.policy = new CachePolicy(config.mode(), config.stale(), MOST_CHOICES, true);
        this.freshness = new Freshness(config.ttl(), config.stale());
        this.mostBytes = config.largest().bytes();
        this.models = models;
        this.wallClock = wallClock;
        this.store = new AnswerStore(config.size().bytes(), freshness, clock, counts);
    }

    /// False if no request takes part.
    public boolean isOn() {
        return policy.mode() != CachePolicy.Mode.OFF;
    }

    /// Makes answers invalid: those that are stored, and those that are being computed.
    public void invalidate(Invalidation what) {
        store.invalidate(what, wallClock.millis());
    }

    /// What it did since the start.
    public CacheCounts counts() {
        return counts;
    }

    /// Answers that are stored.
    public long entries() {
        return store.entries();
    }

    /// What they take, in bytes.
    public long bytes() {
        return store.bytes();
    }

    /// Requests that wait for the answer to an equal one.
    public int waiting() {
        return flights.waiting();
    }

    /// What is known of models.
    public ModelIdentities models() {
        return models;
    }

    /// @throws IllegalStateException if the accounts do not balance
    public void checkInvariants() {
        store.checkInvariants();
        flights.checkInvariants();
    }

    void keep(StoredAnswer answer, Freshness.Life life, long token) {
        if (!store.keep(answer, life, token)) {
            counts.outdated();
        }
    }

    CachePolicy policy() {
        return policy;
    }

    Freshness freshness() {
        return freshness;
    }

    /// Most bytes of one answer.
    long mostBytes() {
        return mostBytes;
    }

    AnswerStore store() {
        return store;
    }

    Flights flights() {
        return flights;
    }

    BodyMemo memo() {
        return memo;
    }
}
